using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Simulations;

/// <summary>When running attempts are asked for a checkpoint.</summary>
internal static class CheckpointTiming
{
    public static (TimeSpan? Interval, DateTimeOffset? NextAt) Plan(SimulationState state, int i, SimulationPolicy policy)
    {
        var stage = state.Stages[i];
        if (stage is not { Status: StageStatus.Running, Live: { StopBy: null, ClusterStop: StopReason.Absent, StartedAt: { } started } live })
        {
            return (null, null);
        }

        if (Interval(state, i, policy) is not { } interval)
        {
            return (null, null);
        }

        var since = started;
        since = live.LastCheckpointAt > since ? live.LastCheckpointAt.Value : since;
        since = live.CheckpointOrderedAt > since ? live.CheckpointOrderedAt.Value : since;
        return (interval, since + interval);
    }

    /// <summary>Every running attempt that stays is asked for one now.</summary>
    public static void OrderAll(SimulationDraft draft)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i] is { Status: StageStatus.Running, Live.StopBy: null })
            {
                Order(draft, i);
            }
        }
    }

    public static void Order(SimulationDraft draft, int i)
    {
        var live = draft[i].Live!;
        draft.SetLive(i, live with { CheckpointOrder = live.CheckpointOrder + 1, CheckpointOrderedAt = draft.Now });
        draft.Emit(i, new() { Kind = EventKinds.CheckpointOrdered, Text = $"{draft[i].Name} was asked for a checkpoint", Node = live.Shares[0].Node });
    }

    private static TimeSpan? Interval(SimulationState state, int i, SimulationPolicy policy)
    {
        var checkpoint = state.Definition.Stages[i].Checkpoint;
        return checkpoint.Every switch
        {
            CheckpointTrigger.Periodic => checkpoint.Interval,
            CheckpointTrigger.Adaptive => Adaptive(state.Stages[i], checkpoint, policy),
            _ => null,
        };
    }

    /// <summary>Daly's optimum, never so long that a failure could cost more than the largest loss allowed.</summary>
    private static TimeSpan Adaptive(StageState stage, CheckpointPolicy checkpoint, SimulationPolicy policy) =>
        Adaptive(checkpoint, policy, stage.CheckpointCost, stage.Live?.Shares.Length ?? 1, stage.Exposure, stage.Failures);

    /// <summary>The same by what was measured of a stage.</summary>
    /// <param name="checkpoint">Says what may be lost.</param>
    /// <param name="policy">Says what is believed before anything was measured.</param>
    /// <param name="measured">What a checkpoint costs; null: none was made.</param>
    /// <param name="nodes">On how many it runs.</param>
    /// <param name="exposure">How long its attempts ran that are over.</param>
    /// <param name="failures">How many of these were lost with a node.</param>
    public static TimeSpan Adaptive(CheckpointPolicy checkpoint, SimulationPolicy policy, TimeSpan? measured, int nodes, TimeSpan exposure, int failures)
    {
        // Who allows little to be lost has checkpoints that cost little.
        var guess = policy.CheckpointCostGuess < checkpoint.MaxLoss / 10 ? policy.CheckpointCostGuess : checkpoint.MaxLoss / 10;
        var cost = measured ?? guess;
        var optimum = CheckpointInterval.Daly(cost, MeanTimeBetweenFailures(policy, nodes, exposure, failures));
        var longest = checkpoint.MaxLoss - cost - policy.DetectionWindow;
        var shortest = cost > policy.CheckpointIntervalMin ? cost : policy.CheckpointIntervalMin;
        var interval = optimum < longest ? optimum : longest;
        return interval > shortest ? interval : shortest;
    }

    /// <summary>Of the whole gang: what is believed beforehand counts as one failure in its time, and what was seen is added.</summary>
    private static TimeSpan MeanTimeBetweenFailures(SimulationPolicy policy, int nodes, TimeSpan exposure, int failures)
    {
        var believed = policy.MeanTimeBetweenFailures / Math.Max(1, nodes);
        return (believed + exposure) / (1 + failures);
    }
}
