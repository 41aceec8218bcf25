namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>How energy is saved, where its mode asks for it.</summary>
public sealed record EnergySettings
{
    /// <summary>Absent: energy decides nothing. An outlook's own mode goes before.</summary>
    public EnergyMode Mode { get; init; }

    /// <summary>The mode follows the hour and how much is urgent, as long as the outlook has none of its own.</summary>
    public bool Automatic { get; init; }

    /// <summary>With efficiency and night savings: a node that was idle so long is switched off; null: never.</summary>
    public TimeSpan? OffAfter { get; init; }

    /// <summary>With efficiency and night savings: nodes are switched on only for those who waited so long for room; others take what gets free meanwhile.</summary>
    public TimeSpan OnAfter { get; init; }

    /// <summary>So many idle nodes always stay on.</summary>
    public int KeepOn { get; init; } = 1;

    /// <summary>Night is from this hour, local to the site, 0 to 23,</summary>
    public int NightFrom { get; init; } = 22;

    /// <summary>until this one.</summary>
    public int NightUntil { get; init; } = 6;

    /// <summary>What the site's clocks show beyond UTC.</summary>
    public TimeSpan UtcOffset { get; init; }

    /// <summary>What has no deadline is put off by so much in all at most, and only if it is of a low class or draws much power.</summary>
    public TimeSpan MaxDeferral { get; init; } = TimeSpan.FromHours(12);

    /// <summary>What has a deadline is put off by so much in all at most, however far away that is.</summary>
    public TimeSpan MaxDeferralWithDeadline { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Slack that is never used up, so that work which is put off still has time to find nodes before its deadline.</summary>
    public TimeSpan DeadlineMargin { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Nothing is put off for less than this part of its cost, 0 to 1.</summary>
    public double LeastSaving { get; init; } = 0.02;

    /// <summary>From this many cores in all on, work draws much power even if it does not say so.</summary>
    public int IntensiveCores { get; init; } = 16;

    /// <summary>With GPUs, work draws much power from so many bytes of memory on.</summary>
    public long IntensiveGpuMemory { get; init; } = 64_000_000_000;

    /// <summary>Where the outlook has no prices.</summary>
    public DayTariff Tariff { get; init; } = new();

    /// <summary>Whether it is night at the site.</summary>
    public bool IsNight(DateTimeOffset now)
    {
        var hour = now.ToOffset(UtcOffset).Hour;
        return NightFrom <= NightUntil ? hour >= NightFrom && hour < NightUntil : hour >= NightFrom || hour < NightUntil;
    }
}
