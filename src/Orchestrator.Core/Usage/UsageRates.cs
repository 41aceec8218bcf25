namespace Orchestrator.Core.Usage;

/// <summary>What use costs, in whatever currency.</summary>
public sealed record UsageRates
{
    private const double GiB = 1024.0 * 1024 * 1024;

    /// <summary>An hour of a core; 0.05 by default.</summary>
    public double CoreHour { get; init; } = 0.05;

    /// <summary>An hour of a GPU; 1 by default.</summary>
    public double GpuHour { get; init; } = 1;

    /// <summary>An hour of a GiB of memory; 0.02 by default.</summary>
    public double MemoryGiBHour { get; init; } = 0.02;

    /// <summary>A GiB read or written; 0.001 by default.</summary>
    public double StorageGiB { get; init; } = 0.001;

    /// <summary>A kWh; nothing by default, since most sites price it into the hours.</summary>
    public double EnergyKwh { get; init; }

    public double CostOf(UsageAmounts amounts)
    {
        ArgumentNullException.ThrowIfNull(amounts);
        return (amounts.Cores / 3600 * CoreHour) + (amounts.Gpus / 3600 * GpuHour) + (amounts.Memory / 3600 / GiB * MemoryGiBHour) + (amounts.Storage / GiB * StorageGiB) + (amounts.Energy / 3.6e6 * EnergyKwh);
    }
}
