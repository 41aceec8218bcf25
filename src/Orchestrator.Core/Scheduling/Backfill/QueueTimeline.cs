using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Scheduling.Backfill;

/// <summary>The queue of one plan over a table of nodes: what the pass starts and keeps, the rules beside room, and why who waits waits. The queue is named by turns.</summary>
/// <param name="table">That is open.</param>
/// <param name="queue">In its order.</param>
/// <param name="shapes">Of each turn.</param>
/// <param name="reasons">Gets for each turn why it waits, as far as it was tried.</param>
/// <param name="rules">Beside room.</param>
/// <param name="ranking">Of nodes.</param>
internal sealed class QueueTimeline(NodeTable table, PendingRequest[] queue, List<Shape> shapes, WaitReason?[] reasons, IAdmission[] rules, INodeRanking ranking) : ITimeline<int>
{
    /// <summary>After so many that found no place in time, beside those that did, none is looked for: the machine is full beyond knowing.</summary>
    private const int PlaceFailuresMost = 64;

    private Func<int, string>? nameOf;

    /// <summary>Most wait for the same one: its name is made once.</summary>
    private (int Turn, string Name) named = (-1, "");
    private int placeFailures;

    public ImmutableArray<Placement>.Builder Placements { get; } = ImmutableArray.CreateBuilder<Placement>();

    public ImmutableArray<PlannedPlace>.Builder Places { get; } = ImmutableArray.CreateBuilder<PlannedPlace>();

    /// <inheritdoc/>
    public TryVerdict TryStart(in int item)
    {
        var request = queue[item];
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

        reasons[item] = table.Why(shape, estimate, nameOf ??= Name);
        return TryVerdict.NoRoom;
    }

    /// <inheritdoc/>
    public long Keep(in int item, long latest)
    {
        if (placeFailures > PlaceFailuresMost)
        {
            return long.MaxValue;
        }

        var request = queue[item];
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
    public long Estimate(in int item) => queue[item].DurationEstimate?.Ticks ?? long.MaxValue;

    private string Name(int turn)
    {
        if (named.Turn != turn)
        {
            named = (turn, queue[turn].Attempt.ToString());
        }

        return named.Name;
    }
}
