using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Simulations;

/// <summary>When running attempts are asked for a checkpoint.</summary>
internal static class CheckpointTiming
{
    /// <summary>The policy in force: a person's, else the definition's.</summary>
    public static CheckpointPolicy PolicyOf(SimulationState state, int i) => state.Stages[i].CheckpointPolicy ?? state.Definition.Stages[i].Checkpoint;

    /// <summary>The interval in force, and when the next one is ordered by time; nulls: none is.</summary>
    public static (TimeSpan? Interval, DateTimeOffset? NextAt) Plan(SimulationState state, int i, SimulationPolicy policy)
    {
        var stage = state.Stages[i];
        var checkpoint = PolicyOf(state, i);
        if (stage is not { Status: StageStatus.Running, Live: { StopBy: null, ClusterStop: StopReason.Absent, StartedAt: { } started } live }
            || checkpoint.Every is CheckpointTrigger.Absent or CheckpointTrigger.Program)
        {
            return (null, null);
        }

        var plan = CheckpointSchedule.Plan(checkpoint, Facts(stage, checkpoint, policy));
        var since = Since(live, started);
        var next = since + plan.Interval;
        if (live.EndTime is { } end)
        {
            // What is made shortly before it has to go is made once, and not again when it is asked to leave.
            var facts = Facts(stage, checkpoint, policy);
            var last = CheckpointSchedule.Before(end, state.Definition.Stages[i].Grace, facts.Cost, facts.Flush);
            next = since >= last ? null : next is null || next > last ? last : next;
        }

        return (plan.Interval, next);
    }

    /// <summary>The plan of a stage whatever it does at present, with its reasons.</summary>
    public static CheckpointPlan Explain(SimulationState state, int i, SimulationPolicy policy)
    {
        var checkpoint = PolicyOf(state, i);
        return CheckpointSchedule.Plan(checkpoint, Facts(state.Stages[i], checkpoint, policy, state.Definition.Stages[i].Resources.Nodes));
    }

    /// <summary>Every running attempt that stays is asked for one now.</summary>
    public static void OrderAll(SimulationDraft draft)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            if (draft[i] is { Status: StageStatus.Running, Live.StopBy: null })
            {
                Order(draft, i, CheckpointKind.Full);
            }
        }
    }

    /// <summary>One that is to leave is asked for a last one; returns by when that can be expected.</summary>
    public static DateTimeOffset OrderLast(SimulationDraft draft, int i)
    {
        var facts = Facts(draft[i], PolicyOf(draft.State, i), draft.Policy);
        Order(draft, i, CheckpointKind.Full);
        return draft.Now + draft.DefinitionOf(i).Grace + (2 * facts.Cost) + facts.Flush;
    }

    /// <summary>Everything that runs then is asked for one; a moment that has passed is now.</summary>
    public static void Schedule(SimulationDraft draft, DateTimeOffset at)
    {
        if (at <= draft.Now)
        {
            OrderAll(draft);
            return;
        }

        if (draft.State.CheckpointsWanted.Contains(at))
        {
            return;
        }

        draft.Set(draft.State with { CheckpointsWanted = [.. draft.State.CheckpointsWanted.Add(at).Order()] });
        draft.Emit(new() { Kind = EventKinds.CheckpointScheduled, Text = FormattableString.Invariant($"a checkpoint is wanted at {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}") });
    }

    /// <summary>Nothing is wanted for later any more.</summary>
    public static void Unschedule(SimulationDraft draft)
    {
        if (!draft.State.CheckpointsWanted.IsEmpty)
        {
            var count = draft.State.CheckpointsWanted.Length;
            draft.Set(draft.State with { CheckpointsWanted = [] });
            draft.Emit(new() { Kind = EventKinds.CheckpointScheduled, Text = FormattableString.Invariant($"{(count == 1 ? "the checkpoint that was wanted for later is" : $"the {count} checkpoints that were wanted for later are")} not wanted any more") });
        }
    }

    /// <summary>What somebody wanted for a moment that has come. What does not run then has nothing to save.</summary>
    public static void PassWanted(SimulationDraft draft)
    {
        var wanted = draft.State.CheckpointsWanted;
        if (wanted.Any(at => at <= draft.Now))
        {
            draft.Set(draft.State with { CheckpointsWanted = [.. wanted.Where(at => at > draft.Now)] });
            OrderAll(draft);
        }
    }

    /// <summary>What is due by time.</summary>
    public static void Pass(SimulationDraft draft, int i)
    {
        if (Plan(draft.State, i, draft.Policy).NextAt <= draft.Now)
        {
            Order(draft, i, Explain(draft.State, i, draft.Policy).Kind);
        }
    }

    /// <summary>What is due by progress.</summary>
    public static void Progressed(SimulationDraft draft, int i)
    {
        var stage = draft[i];
        var policy = PolicyOf(draft.State, i);
        if (policy.Every is CheckpointTrigger.Progress or CheckpointTrigger.Hybrid
            && stage is { Status: StageStatus.Running, Live: { StopBy: null, ClusterStop: StopReason.Absent, StartedAt: { } started } live }
            && IsApart(draft, i, policy, live, started)
            && CheckpointSchedule.IsDue(policy, null, Since(live, started), live.CheckpointProgress, draft.Now, stage.Progress))
        {
            Order(draft, i, CheckpointKind.Full);
        }
    }

    /// <summary>Something happened at a stage: to the others, or to itself where it is a file of its own.</summary>
    public static void Happened(SimulationDraft draft, int at, CheckpointEvent happened)
    {
        for (var i = 0; i < draft.Count; i++)
        {
            var policy = PolicyOf(draft.State, i);
            if ((i == at) == (happened == CheckpointEvent.Artifact)
                && CheckpointSchedule.IsDue(policy, happened)
                && draft[i] is { Status: StageStatus.Running, Live: { StopBy: null, ClusterStop: StopReason.Absent, StartedAt: { } started } live }
                && IsApart(draft, i, policy, live, started))
            {
                Order(draft, i, CheckpointKind.Full);
            }
        }
    }

    public static CheckpointFacts Facts(StageState stage, CheckpointPolicy checkpoint, SimulationPolicy policy, int nodes = 1) =>
        Facts(checkpoint, policy, stage.CheckpointCost, stage.Live?.Shares.Length ?? nodes, stage.Exposure + Survived(stage.Live), stage.Failures) with
        {
            Flush = stage.CheckpointFlush ?? TimeSpan.Zero,
            SmallerCost = stage.SmallerCheckpointCost,
        };

    /// <summary>Daly's optimum under the limits, by what was measured of a stage.</summary>
    /// <param name="checkpoint">Says what may be lost.</param>
    /// <param name="policy">Says what is believed before anything was measured.</param>
    /// <param name="measured">What a checkpoint costs; null: none was made.</param>
    /// <param name="nodes">On how many it runs.</param>
    /// <param name="exposure">How long its attempts ran that are over.</param>
    /// <param name="failures">How many of these were lost with a node.</param>
    public static TimeSpan Adaptive(CheckpointPolicy checkpoint, SimulationPolicy policy, TimeSpan? measured, int nodes, TimeSpan exposure, int failures) =>
        CheckpointSchedule.Plan(checkpoint with { Every = CheckpointTrigger.Adaptive }, Facts(checkpoint, policy, measured, nodes, exposure, failures)).Interval!.Value;

    private static CheckpointFacts Facts(CheckpointPolicy checkpoint, SimulationPolicy policy, TimeSpan? measured, int nodes, TimeSpan exposure, int failures)
    {
        // Who allows little to be lost has checkpoints that cost little.
        var guess = policy.CheckpointCostGuess < checkpoint.MaxLoss / 60 ? policy.CheckpointCostGuess : checkpoint.MaxLoss / 60;
        return new()
        {
            Cost = measured ?? guess,
            Measured = measured is not null,
            MeanTimeBetweenFailures = CheckpointFacts.Learned(policy.MeanTimeBetweenFailures, nodes, exposure, failures),
            Detection = policy.DetectionWindow,
            IntervalMin = policy.CheckpointIntervalMin,
        };
    }

    /// <summary>As far as its checkpoints show: a plan that changed with every look at the clock would never be due.</summary>
    private static TimeSpan Survived(AttemptState? live) => live is { StartedAt: { } started, LastCheckpointAt: { } last } && last > started ? last - started : TimeSpan.Zero;

    private static DateTimeOffset Since(AttemptState live, DateTimeOffset started)
    {
        var since = started;
        since = live.LastCheckpointAt > since ? live.LastCheckpointAt.Value : since;
        return live.CheckpointOrderedAt > since ? live.CheckpointOrderedAt.Value : since;
    }

    /// <summary>Progress and events come as they like: what they bring about stays under the overhead limit.</summary>
    private static bool IsApart(SimulationDraft draft, int i, CheckpointPolicy policy, AttemptState live, DateTimeOffset started)
    {
        var facts = Facts(draft[i], policy, draft.Policy);
        var apart = facts.Cost * ((1 - policy.OverheadMax) / policy.OverheadMax);
        var last = live.LastCheckpointAt > live.CheckpointOrderedAt || live.CheckpointOrderedAt is null ? live.LastCheckpointAt : live.CheckpointOrderedAt;
        return draft.Now - (last ?? started) >= (apart > facts.IntervalMin && facts.Measured ? apart : facts.IntervalMin);
    }

    private static void Order(SimulationDraft draft, int i, CheckpointKind kind)
    {
        var live = draft[i].Live!;
        if (draft[i].IsShortOfSpace && PolicyOf(draft.State, i).Smaller is not CheckpointKind.Absent and var smaller)
        {
            kind = smaller;
        }

        draft.SetLive(i, live with { CheckpointOrder = live.CheckpointOrder + 1, CheckpointOrderedAt = draft.Now, CheckpointKind = kind, CheckpointProgress = draft[i].Progress });
        draft.Emit(i, new() { Kind = EventKinds.CheckpointOrdered, Text = $"{draft[i].Name} was asked for a checkpoint", Node = live.Shares[0].Node });
    }
}
