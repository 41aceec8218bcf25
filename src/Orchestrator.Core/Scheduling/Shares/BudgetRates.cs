using Orchestrator.Core.Accounts;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>What an hour of each resource counts in budgets of cost and energy. Prices are in the deployment's currency; none is negative.</summary>
public sealed record BudgetRates
{
    /// <summary>Of one core.</summary>
    public double Core { get; init; } = 0.05;

    /// <summary>Of one whole GPU.</summary>
    public double Gpu { get; init; } = 1;

    /// <summary>Of one gibibyte of memory.</summary>
    public double Memory { get; init; } = 0.02;

    /// <summary>Of one gibibyte of scratch storage.</summary>
    public double Storage { get; init; } = 0.001;

    /// <summary>Of one gigabit per second.</summary>
    public double Network { get; init; } = 0.1;

    /// <summary>Watts of one core at work, with its part of the node.</summary>
    public double CoreWatts { get; init; } = 10;

    /// <summary>Watts of one GPU at work.</summary>
    public double GpuWatts { get; init; } = 300;

    /// <summary>
    /// What an attempt uses in an hour, by what it asks for: that, and not what it keeps busy, is taken from others. An exclusive one is counted by what it asks for too.
    /// </summary>
    public BudgetAmounts PerHour(ResourceRequest resources)
    {
        ArgumentNullException.ThrowIfNull(resources);
        double nodes = Math.Max(0, resources.Nodes);
        var cores = nodes * Math.Max(0, resources.RanksPerNode) * Math.Max(0, resources.Threads);
        var gpus = nodes * Math.Max(0, resources.GpusPerNode) * Math.Clamp(resources.GpuThousandths, 0, 1000) / 1000;
        var memory = nodes * Math.Max(0, resources.MemoryPerNode) / Gibibyte;
        var storage = nodes * Math.Max(0, resources.StoragePerNode) / Gibibyte;
        var network = nodes * Math.Max(0, resources.NetworkPerNode) / 1e9;
        return new()
        {
            CoreHours = Up(cores),
            GpuHours = Up(gpus),
            MemoryHours = Up(memory),
            Cost = Up((cores * Core) + (gpus * Gpu) + (memory * Memory) + (storage * Storage) + (network * Network)),
            Energy = Up(((cores * CoreWatts) + (gpus * GpuWatts)) / 1000),
        };
    }

    private const double Gibibyte = 1L << 30;

    private static long Up(double units) => (long)Math.Min(Math.Ceiling((units * BudgetAmounts.PerUnit) - 1e-6), 4e18);
}
