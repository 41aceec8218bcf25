using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling.Backfill;

/// <summary>The queue of one plan over a table of nodes: what the pass starts and keeps, the rules beside room, and why who waits waits. The queue is named by turns.</summary>
internal sealed class QueueTimeline(NodeTable table, IReadOnlyList<RankedRequest> ranked, List<Shape> shapes, IAdmission[] rules, INodeRanking ranking) : ITimeline<int>
{
    /// <summary>After so many that found no place in time, beside those that did, none is looked for: the machine is full beyond knowing.</summary>
    private const int PlaceFailuresMost = 64;

    private readonly Dictionary<int, WaitReason> reasons = [];
    private int placeFailures;

    public ImmutableArray<Placement>.Builder Placements { get; } = ImmutableArray.CreateBuilder<Placement>();

    public ImmutableArray<PlannedPlace>.Builder Places { get; } = ImmutableArray.CreateBuilder<PlannedPlace>();

    /// <inheritdoc/>
    public TryVerdict TryStart(in int item)
    {
        var request = ranked[item].Request;
        var shape = shapes[item];
        if (shape.Never is { } never)
        {
            reasons[item] = never;
            return TryVerdict.NeverFits;
        }

        if (request.DurationEstimate < TimeSpan.Zero)
        {
            reasons[item] = new() { Constraint = PlacementConstraint.ValidRequest, NodesNeeded = shape.Nodes };
            return TryVerdict.NeverFits;
        }

        foreach (var rule in rules)
        {
            if (rule.Refusal(request) is { } refusal)
            {
                reasons[item] = refusal;
                return TryVerdict.Refused;
            }
        }

        var estimate = Estimate(item);
        if (table.TryStart(shape, request, estimate, ranking, item) is { } placement)
        {
            Placements.Add(placement);
            foreach (var rule in rules)
            {
                rule.Start(request, placement);
            }

            return TryVerdict.Started;
        }

        reasons[item] = table.Why(shape, estimate, Name);
        return TryVerdict.NoRoom;
    }

    /// <inheritdoc/>
    public long Keep(in int item, long latest)
    {
        if (placeFailures > PlaceFailuresMost)
        {
            return long.MaxValue;
        }

        var request = ranked[item].Request;
        var known = shapes[item].HasNoPlace(Estimate(item));
        var start = table.Keep(shapes[item], request, Estimate(item), latest, ranking, item);
        if (start == long.MaxValue)
        {
            placeFailures += known ? 0 : 1;
            return start;
        }

        Places.Add(new()
        {
            Attempt = request.Attempt,
            Start = new(start, TimeSpan.Zero),
            End = request.DurationEstimate is { } estimate ? new DateTimeOffset(NodeCalendar.End(start, estimate.Ticks), TimeSpan.Zero) : null,
            Nodes = [.. table.PlaceNodes.Select(static node => node.Id)],
        });
        return start;
    }

    /// <inheritdoc/>
    public long Estimate(in int item) => ranked[item].Request.DurationEstimate?.Ticks ?? long.MaxValue;

    /// <summary>Why one that was tried and not started waits.</summary>
    public WaitReason Reason(int turn) => reasons[turn];

    private string Name(int turn) => ranked[turn].Request.Attempt.ToString();
}
