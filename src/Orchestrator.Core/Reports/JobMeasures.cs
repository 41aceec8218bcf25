using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Reports;

/// <summary>Jobs in numbers, as Open XDMoD defines them (Palmer et al., "Open XDMoD: a tool for the comprehensive management of high-performance computing resources", 2015).</summary>
internal sealed class JobMeasures
{
    private double cores, busy, busyOf, gpus, gpusBusy, gpusWatched, waits, expansions, sizes, sizesByUse, cost;
    private int waited;

    /// <summary>Those that ended.</summary>
    public int Jobs { get; private set; }

    public double CoreHours => cores / 3600;

    public double GpuHours => gpus / 3600;

    public double Cost => cost;

    /// <summary>Hours between submission and start, mean; null: nobody wrote down when jobs were submitted.</summary>
    public double? WaitHours => waited == 0 ? null : waits / waited / 3600;

    /// <summary>Mean of (wait + wall) / wall.</summary>
    public double? ExpansionFactor => waited == 0 ? null : expansions / waited;

    /// <summary>Cores of a job, mean.</summary>
    public double Size => Jobs == 0 ? 0 : sizes / Jobs;

    /// <summary>The same weighted by core-hours: how large the job is in which a core-hour is spent.</summary>
    public double SizeByUse => cores == 0 ? 0 : sizesByUse / cores;

    /// <summary>Part of the held core-time in which processors worked, of those jobs that were measured; null: none.</summary>
    public double? Efficiency => busyOf == 0 ? null : busy / busyOf;

    /// <summary>Part of the held GPU-time in which GPUs worked, of those jobs of which that was measured; null: none.</summary>
    public double? GpuEfficiency => gpusWatched == 0 ? null : gpusBusy / gpusWatched;

    /// <summary>Core-hours that were held and not worked in.</summary>
    public double WastedHours => (busyOf - busy) / 3600;

    public void Add(UsageRecord record, UsageRates rates)
    {
        cores += record.Amounts.Cores;
        gpus += record.Amounts.Gpus;
        cost += rates.CostOf(record.Amounts);
        sizesByUse += record.CoresHeld * record.Amounts.Cores;
        if (record.IsRunning)
        {
            // It has no end yet, and nothing of it was measured.
            return;
        }

        Jobs++;
        sizes += record.CoresHeld;
        if (record is { IsBusyWhole: true, Amounts: { Busy: > 0, Cores: > 0 } })
        {
            busy += Math.Min(record.Amounts.Busy, record.Amounts.Cores);
            busyOf += record.Amounts.Cores;
        }

        if (record is { GpuBusy: { } part, Amounts.Gpus: > 0 })
        {
            gpusBusy += part * record.Amounts.Gpus;
            gpusWatched += record.Amounts.Gpus;
        }

        if (record.Submitted is { } submitted && record.Until > record.From)
        {
            var wait = Math.Max(0, (record.From - submitted).TotalSeconds);
            var wall = (record.Until - record.From).TotalSeconds;
            waited++;
            waits += wait;
            expansions += (wait + wall) / wall;
        }
    }

    public static JobMeasures Of(IEnumerable<UsageRecord> records, UsageRates rates)
    {
        var measures = new JobMeasures();
        foreach (var record in records)
        {
            measures.Add(record, rates);
        }

        return measures;
    }
}
