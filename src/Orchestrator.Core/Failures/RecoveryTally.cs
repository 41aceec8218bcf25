namespace Orchestrator.Core.Failures;

/// <summary>Failures and what became of them, added up.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.recovery-tally")]
public sealed record RecoveryTally
{
    public static RecoveryTally None { get; } = new();

    [Id(0)] public int Failures { get; init; }

    [Id(1)] public int Recovered { get; init; }

    /// <summary>Given up: left to a person.</summary>
    [Id(2)] public int Abandoned { get; init; }

    /// <summary>Over all failures.</summary>
    [Id(3)] public TimeSpan DetectTime { get; init; }

    /// <summary>Over those that were recovered from.</summary>
    [Id(4)] public TimeSpan RepairTime { get; init; }

    /// <summary>Running time that was done again.</summary>
    [Id(5)] public TimeSpan WorkLost { get; init; }

    /// <summary>The most that one failure cost.</summary>
    [Id(6)] public TimeSpan WorkLostMax { get; init; }

    /// <summary>0 to 1 of those that are decided; 1 where none is.</summary>
    public double SuccessRate => Recovered + Abandoned == 0 ? 1 : (double)Recovered / (Recovered + Abandoned);

    public TimeSpan MeanTimeToDetect => Failures == 0 ? TimeSpan.Zero : DetectTime / Failures;

    public TimeSpan MeanTimeToRepair => Recovered == 0 ? TimeSpan.Zero : RepairTime / Recovered;

    /// <summary>With one more that was noticed.</summary>
    public RecoveryTally Noticed(FailureRecord failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return this with
        {
            Failures = Failures + 1,
            DetectTime = DetectTime + failure.TimeToDetect,
            WorkLost = WorkLost + failure.WorkLost,
            WorkLostMax = failure.WorkLost > WorkLostMax ? failure.WorkLost : WorkLostMax,
        };
    }

    /// <summary>With the end of one that was noticed before.</summary>
    public RecoveryTally Resolved(FailureRecord failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.TimeToRepair is { } repair
            ? this with { Recovered = Recovered + 1, RepairTime = RepairTime + repair }
            : this with { Abandoned = Abandoned + 1 };
    }

    public static RecoveryTally operator +(RecoveryTally one, RecoveryTally other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            Failures = one.Failures + other.Failures,
            Recovered = one.Recovered + other.Recovered,
            Abandoned = one.Abandoned + other.Abandoned,
            DetectTime = one.DetectTime + other.DetectTime,
            RepairTime = one.RepairTime + other.RepairTime,
            WorkLost = one.WorkLost + other.WorkLost,
            WorkLostMax = one.WorkLostMax > other.WorkLostMax ? one.WorkLostMax : other.WorkLostMax,
        };
    }

    public static RecoveryTally Of(IEnumerable<FailureRecord> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        return failures.Aggregate(None, static (tally, failure) => failure.IsResolved ? tally.Noticed(failure).Resolved(failure) : tally.Noticed(failure));
    }
}
