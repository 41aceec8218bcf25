namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>How energy is saved, where its mode asks for it.</summary>
public sealed record EnergySettings
{
    /// <summary>Absent: energy decides nothing. An outlook's own mode goes before.</summary>
    public EnergyMode Mode { get; init; }

    /// <summary>A node that was idle so long is switched off; null: never.</summary>
    public TimeSpan? OffAfter { get; init; }

    /// <summary>So many idle nodes always stay on.</summary>
    public int KeepOn { get; init; } = 1;

    /// <summary>Night is from this hour, local to the site,</summary>
    public int NightFrom { get; init; } = 22;

    /// <summary>until this one.</summary>
    public int NightUntil { get; init; } = 6;
}
