using System.Collections.Immutable;

namespace Orchestrator.Core.Workflows;

/// <summary>How long many graphs of stages take on some equal nodes, by their own estimates and without failures.</summary>
public sealed record MakespanEstimate
{
    /// <summary>More stages by nodes than this are not played through.</summary>
    private const long StepsMax = 50_000_000;

    /// <summary>From the first start to the last end; null when a stage fits on no node or asks for more nodes than there are.</summary>
    public TimeSpan? Duration { get; private init; }

    /// <summary>True: the duration is a lower bound (all cores busy all the time, or the longest path), since there is too much to play through.</summary>
    public bool IsBound { get; private init; }

    /// <summary>The first stage that can never start on these nodes; null when there is none.</summary>
    public StageDefinition? Misfit { get; private init; }

    /// <summary>Plays the list through: in order of the graphs and their stages, whatever is ready and fits starts. A condition other than success is taken as satisfied at the end.</summary>
    /// <param name="simulations">Stages of each simulation, without cycles.</param>
    /// <param name="nodes">At least 1.</param>
    /// <param name="coresPerNode">At least 1.</param>
    public static MakespanEstimate Of(IReadOnlyList<ImmutableArray<StageDefinition>> simulations, int nodes, int coresPerNode)
    {
        ArgumentNullException.ThrowIfNull(simulations);
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(coresPerNode, 1);
        var misfit = simulations.SelectMany(static stages => stages).FirstOrDefault(stage => stage.Resources.Nodes > nodes || stage.Resources.CoresPerNode > coresPerNode);
        if (misfit is not null)
        {
            return new() { Misfit = misfit };
        }

        if (simulations.Sum(static stages => (long)stages.Length) * nodes > StepsMax)
        {
            var estimates = simulations.Select(WorkflowEstimate.Of).ToArray();
            var busy = estimates.Aggregate(TimeSpan.Zero, static (sum, estimate) => sum + estimate.CoreTime) / ((double)nodes * coresPerNode);
            var path = estimates.Max(static estimate => estimate.CriticalPathDuration);
            return new() { Duration = busy > path ? busy : path, IsBound = true };
        }

        return new() { Duration = new ListSchedule(simulations, nodes, coresPerNode).Play() };
    }
}
