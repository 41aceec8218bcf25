namespace Orchestrator.Core.Checkpoints;

/// <summary>How much is done against losses, in one word.</summary>
[GenerateSerializer, Alias("orchestrator.resilience-level")]
public enum ResilienceLevel
{
    Absent = 0,

    /// <summary>Work that is cheap to do again.</summary>
    Minimal = 1,
    Standard = 2,
    High = 3,

    /// <summary>Work that must not be lost.</summary>
    Maximum = 4,
}

/// <summary>What each level sets; what a campaign says beside it goes over that.</summary>
public static class ResilienceLevels
{
    /// <summary>
    /// <code>
    ///           trigger    interval  max loss  newest kept  older kept                      read back
    /// minimal   periodic   120 min   130 min   2            none                            no
    /// standard  hybrid      60 min    55 min   3            none                            no
    /// high      hybrid      30 min    35 min   5            7 daily                         no
    /// maximum   hybrid      15 min    20 min   24           7 daily, 4 weekly, 6 monthly    yes
    /// </code>
    /// The interval is never longer than the largest loss allows.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public static CheckpointPolicy Apply(CheckpointPolicy policy, ResilienceLevel level) => level switch
    {
        ResilienceLevel.Minimal => policy with
        {
            Level = level, Every = CheckpointTrigger.Periodic, Interval = TimeSpan.FromMinutes(120), MaxLoss = TimeSpan.FromMinutes(130), KeepRecent = 2, Retention = new(), ReadBack = false,
        },
        ResilienceLevel.Standard => policy with
        {
            Level = level, Every = CheckpointTrigger.Hybrid, Interval = TimeSpan.FromMinutes(60), MaxLoss = TimeSpan.FromMinutes(55), KeepRecent = 3, Retention = new(), ReadBack = false,
        },
        ResilienceLevel.High => policy with
        {
            Level = level, Every = CheckpointTrigger.Hybrid, Interval = TimeSpan.FromMinutes(30), MaxLoss = TimeSpan.FromMinutes(35), KeepRecent = 5, Retention = new() { Daily = 7 }, ReadBack = false,
        },
        ResilienceLevel.Maximum => policy with
        {
            Level = level,
            Every = CheckpointTrigger.Hybrid,
            Interval = TimeSpan.FromMinutes(15),
            MaxLoss = TimeSpan.FromMinutes(20),
            KeepRecent = 24,
            Retention = new() { Daily = 7, Weekly = 4, Monthly = 6 },
            ReadBack = true,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "minimal, standard, high and maximum are levels"),
    };
}
