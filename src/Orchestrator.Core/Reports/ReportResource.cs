using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Reports;

/// <summary>A resource that reports look at beside cores.</summary>
/// <param name="Name">In columns.</param>
/// <param name="Unit">Of what is used in a day.</param>
/// <param name="Amount">What of it a record used, in that unit.</param>
/// <param name="Planned">What of it work that is known in advance uses.</param>
/// <param name="Capacity">What the machine has of it for an hour, in that unit; null: not known.</param>
/// <param name="Rate">What one of the unit costs.</param>
internal sealed record ReportResource(string Name, string Unit, Func<UsageAmounts, double> Amount, Func<PlannedDemand, double> Planned, Func<ReportRequest, double?> Capacity, Func<UsageRates, double> Rate)
{
    private const double GiB = 1024.0 * 1024 * 1024;

    public static ReportResource Cpu { get; } = new("cpu", "core-hours", static amounts => amounts.Cores / 3600, static each => each.CoreHours, static request => request.Cores, static rates => rates.CoreHour);

    public static ReportResource Gpu { get; } = new("gpu", "GPU-hours", static amounts => amounts.Gpus / 3600, static each => each.GpuHours, static request => request.Gpus, static rates => rates.GpuHour);

    public static ReportResource Memory { get; } = new("memory", "GiB-hours", static amounts => amounts.Memory / 3600 / GiB, static _ => 0, static request => request.Memory / GiB, static rates => rates.MemoryGiBHour);

    public static ReportResource Storage { get; } = new("storage", "GiB", static amounts => amounts.Storage / GiB, static _ => 0, static _ => null, static rates => rates.StorageGiB);

    public static ReportResource Energy { get; } = new("energy", "kWh", static amounts => amounts.Energy / 3.6e6, static _ => 0, static _ => null, static rates => rates.EnergyKwh);

    /// <summary>Those with a capacity that can run out, as far as it is known.</summary>
    public static IEnumerable<ReportResource> Limited(ReportRequest request) => new[] { Cpu, Gpu, Memory }.Where(resource => resource.Capacity(request) is not null);

    /// <summary>Whether any of it was used.</summary>
    public bool WasUsed(ReportRequest request) => request.Records.Any(record => Amount(record.Amounts) > 0);
}
