using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Core.Workflows.Graphs;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// What a simulation that might be submitted would ask of its cluster: a request for each segment of each stage, as the simulation itself would make it, after the work that it waits for. A barrier stands for
/// the work before it. It takes time in proportion to stages, edges and answer, however many ways lead through the barriers.
/// </summary>
public static class ProspectiveRequests
{
    /// <summary>Keeps the submissions of one instant apart: first by the place of the stage, then by that of the simulation.</summary>
    private const long SimulationsAtOnce = 1_000_000;

    /// <param name="simulation">A definition that was checked: its stages have names of their own, and wait for each other in no circle.</param>
    /// <param name="number">Its place in its campaign, from 0.</param>
    /// <param name="segmentsMax">A stage whose segments are shorter than it is asked about in so many at most, which are longer then; at least 1.</param>
    /// <param name="now">When it would be submitted.</param>
    /// <returns>Those that would wait for nodes at once, and those that would do so after others of them.</returns>
    public static (ImmutableArray<LeaseRequest> First, ImmutableArray<FollowingRequest> Then) Of(SimulationDefinition simulation, int number, int segmentsMax, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        ArgumentOutOfRangeException.ThrowIfLessThan(segmentsMax, 1);
        var (first, then) = (ImmutableArray.CreateBuilder<LeaseRequest>(), ImmutableArray.CreateBuilder<FollowingRequest>());
        var graph = WorkflowGraph.Unchecked(simulation.Stages);

        // Of each stage what has to end before those that wait for it: its last segment, or of a barrier the same of all before it.
        var ends = new HashSet<AttemptId>[graph.Count];
        foreach (var place in graph.Order())
        {
            var stage = graph[place];
            HashSet<AttemptId> before = [];
            foreach (var edge in stage.After)
            {
                if (graph.IndexOf(edge.Stage) is >= 0 and var other)
                {
                    before.UnionWith(ends[other]);
                }
            }

            if (stage.Kind == StageKind.Barrier)
            {
                ends[place] = before;
                continue;
            }

            var epoch = 0;
            foreach (var (longest, expected) in Segments(stage, segmentsMax))
            {
                var request = Request(simulation, stage, ++epoch, (place * SimulationsAtOnce) + number, now) with { DurationEstimate = longest, DurationExpected = expected };
                if (before.Count == 0)
                {
                    first.Add(request);
                }
                else
                {
                    then.Add(new() { Request = request, After = [.. before] });
                }

                before = [request.Attempt];
            }

            ends[place] = before;
        }

        return (first.ToImmutable(), then.ToImmutable());
    }

    /// <summary>
    /// How long each segment holds its nodes at most, and is likely to. Null: as long, unless the cluster has learned something else of such work. Where the limit is above what the stage needs, that is all
    /// that it takes.
    /// </summary>
    private static IEnumerable<(TimeSpan Longest, TimeSpan? Expected)> Segments(StageDefinition stage, int most)
    {
        var whole = stage.EstimatedDuration;
        if (stage.Walltime is not { } limit || limit <= TimeSpan.Zero)
        {
            yield return (whole, null);
            yield break;
        }

        var count = (int)Math.Clamp(Math.Ceiling(whole / limit), 1, most);
        var longest = whole / count > limit ? whole / count : limit;
        for (var segment = 0; segment < count; segment++)
        {
            var left = whole - (segment * longest);
            yield return (longest, left < longest ? left : longest);
        }
    }

    private static LeaseRequest Request(SimulationDefinition simulation, StageDefinition stage, int epoch, long order, DateTimeOffset now) => new()
    {
        Attempt = new(simulation.Id, stage.Name, epoch),
        Resources = stage.Resources,
        Priority = simulation.Priority,
        SubmittedAt = now,
        Owner = simulation.Owner,
        Protected = simulation.Protected,
        Grace = stage.Grace,
        Order = order,
        JobType = SimulationMachine.JobTypeOf(simulation, stage),
        Deadline = simulation.Deadline,
        Promise = simulation.Promise,

        // What goes on from a segment before it has a checkpoint, whatever its definition says of it.
        CanCheckpoint = Prospects.CanCheckpoint(stage, hasOne: epoch > 1),
        Reservation = simulation.Reservation,
        EnergyIntensive = stage.EnergyIntensive,
        Data = stage.Data,
        Campaign = simulation.Campaign,
        WritesSharedPaths = stage.WritesSharedPaths,
    };
}
