using Orchestrator.Core.Events;

namespace Orchestrator.Core.Checkpoints;

/// <summary>
/// From a policy and what was measured to when checkpoints are made. Daly's optimum, stretched to the overhead limit, cut to the largest loss less what a checkpoint needs to
/// become durable and a loss to be noticed. Where the two limits contradict each other, first the flush goes beside the program, then a smaller kind is written, then the
/// largest loss wins; the plan names what was given up, and its price.
/// </summary>
public static class CheckpointSchedule
{
    public static CheckpointPlan Plan(CheckpointPolicy policy, CheckpointFacts facts)
    {
        var limits = Limits(policy, facts, facts.Cost);
        var synchronous = facts.Flush > TimeSpan.Zero && Shortest(policy, facts.Cost + facts.Flush) > limits.Loss;
        if (policy.Every is CheckpointTrigger.Absent or CheckpointTrigger.Program or CheckpointTrigger.Event or CheckpointTrigger.Progress)
        {
            return new() { Interval = null, Optimum = limits.Optimum, LossLimit = limits.Loss, OverheadLimit = limits.Overhead, Kind = CheckpointKind.Full };
        }

        if (limits.Overhead <= limits.Loss)
        {
            return Make(policy, facts, facts.Cost, limits, CheckpointKind.Full) with
            {
                Concession = synchronous ? CheckpointConcession.AsynchronousFlush : CheckpointConcession.Absent,
                Conflict = synchronous
                    ? FormattableString.Invariant($"max_loss {DurationWords.Of(policy.MaxLoss)} and an overhead of {policy.OverheadMax:P1} are both had only because checkpoints become durable beside the running program, {DurationWords.Of(facts.Flush)} after they were taken")
                    : null,
            };
        }

        var cost = facts.Cost;
        var kind = CheckpointKind.Full;
        if (policy.Smaller != CheckpointKind.Absent && (facts.SmallerCost ?? TimeSpan.Zero) < facts.Cost)
        {
            (cost, kind) = (facts.SmallerCost ?? facts.Cost, policy.Smaller);
            limits = Limits(policy, facts, cost);
        }

        var plan = Make(policy, facts, cost, limits, kind);
        var both = FormattableString.Invariant($"max_loss {DurationWords.Of(policy.MaxLoss)} and an overhead of {policy.OverheadMax:P1} contradict each other at {DurationWords.Of(facts.Cost)} for a full checkpoint{(facts.Measured ? "" : " (believed, not measured yet)")}");
        return limits.Overhead <= limits.Loss
            ? plan with { Concession = CheckpointConcession.SmallerKind, Conflict = $"{both}: {Word(kind)} ones are written instead" }
            : limits.Loss > TimeSpan.Zero && plan.Interval <= limits.Loss
                ? plan with { Concession = CheckpointConcession.OverheadLimit, Conflict = FormattableString.Invariant($"{both}: max_loss wins, and checkpoints take {plan.Overhead:P1} of its time{(kind == CheckpointKind.Full ? "" : $" though {Word(kind)} ones are written")}") }
                : plan with { Concession = CheckpointConcession.LossLimit, Conflict = FormattableString.Invariant($"{both}: up to {DurationWords.Of(plan.LossMax)} may be lost, since a checkpoint takes too long for less, and checkpoints take {plan.Overhead:P1} of its time") };
    }

    /// <summary>Whether a checkpoint is due, from the last one: never yet, its time has come, or the progress since then is enough.</summary>
    /// <param name="policy">What brings one about.</param>
    /// <param name="interval">The interval in force; null: time brings none about.</param>
    /// <param name="last">When the last one was taken; null: never.</param>
    /// <param name="lastProgress">0 to 1, at that moment.</param>
    /// <param name="now">The present.</param>
    /// <param name="progress">0 to 1, at present.</param>
    public static bool IsDue(CheckpointPolicy policy, TimeSpan? interval, DateTimeOffset? last, double lastProgress, DateTimeOffset now, double progress) =>
        policy.Every is not (CheckpointTrigger.Absent or CheckpointTrigger.Program)
        && (last is not { } at
            || (interval is { } time && now - at >= time)
            || (policy.Every is CheckpointTrigger.Progress or CheckpointTrigger.Hybrid && progress - lastProgress >= policy.ProgressDelta - 1e-9));

    /// <summary>Whether something that happened is worth a checkpoint.</summary>
    public static bool IsDue(CheckpointPolicy policy, CheckpointEvent happened) =>
        policy.Every is CheckpointTrigger.Event or CheckpointTrigger.Hybrid && (policy.On.IsDefaultOrEmpty || policy.On.Contains(happened));

    /// <summary>When the last checkpoint before a known end is to be ordered, so that it is durable before the program is asked to leave.</summary>
    /// <param name="end">When the program must be gone.</param>
    /// <param name="grace">How long before it is asked to leave.</param>
    /// <param name="cost">What a checkpoint costs.</param>
    /// <param name="flush">Until it is durable.</param>
    public static DateTimeOffset Before(DateTimeOffset end, TimeSpan grace, TimeSpan cost, TimeSpan flush) => end - grace - (2 * cost) - flush - TimeSpan.FromSeconds(1);

    private static (TimeSpan Optimum, TimeSpan Loss, TimeSpan Overhead) Limits(CheckpointPolicy policy, CheckpointFacts facts, TimeSpan cost) =>
        (CheckpointInterval.Daly(cost, facts.MeanTimeBetweenFailures), policy.MaxLoss - cost - facts.Flush - facts.Detection, Shortest(policy, cost));

    private static TimeSpan Shortest(CheckpointPolicy policy, TimeSpan cost) => cost * ((1 - policy.OverheadMax) / policy.OverheadMax);

    private static CheckpointPlan Make(CheckpointPolicy policy, CheckpointFacts facts, TimeSpan cost, (TimeSpan Optimum, TimeSpan Loss, TimeSpan Overhead) limits, CheckpointKind kind)
    {
        var wished = policy.Every == CheckpointTrigger.Adaptive ? Max(limits.Optimum, limits.Overhead) : policy.Interval;

        // Who names an interval has it, but for a level's, which is a promise on what is lost.
        var cut = policy.Every != CheckpointTrigger.Periodic || policy.Level != ResilienceLevel.Absent ? Min(wished, limits.Loss) : wished;
        var interval = Max(cut, Max(cost, facts.IntervalMin));
        return new()
        {
            Interval = interval,
            Kind = kind,
            Optimum = limits.Optimum,
            LossLimit = limits.Loss,
            OverheadLimit = limits.Overhead,
            Overhead = cost <= TimeSpan.Zero ? 0 : cost / (interval + cost),
            LossMax = interval + cost + facts.Flush + facts.Detection,
        };
    }

    private static string Word(CheckpointKind kind) => kind switch
    {
        CheckpointKind.Incremental => "incremental",
        CheckpointKind.CriticalState => "critical-state",
        CheckpointKind.MetadataOnly => "metadata-only",
        _ => "full",
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
