using System.Globalization;

namespace Orchestrator.Agent.Machine;

/// <summary>How busy the machine's cores were between two looks, 0 to 1.</summary>
internal sealed class CpuLoad
{
    private long busyBefore, allBefore;

    public double Look()
    {
        if (!File.Exists("/proc/stat"))
        {
            return 0;
        }

        // cpu user nice system idle iowait irq softirq steal …
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Take(8).Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        var all = fields.Sum();
        var busy = all - fields[3] - fields[4];
        var load = all > allBefore ? (double)(busy - busyBefore) / (all - allBefore) : 0;
        (busyBefore, allBefore) = (busy, all);
        return Math.Clamp(load, 0, 1);
    }
}
