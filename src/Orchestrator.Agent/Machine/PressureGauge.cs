using System.Globalization;
using System.Runtime.InteropServices;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Agent.Machine;

/// <summary>What the node is about to run out of, and what others use of its cores. What cannot be measured is null, and is no alarm.</summary>
internal sealed partial class PressureGauge(StorageProbe storage, IReadOnlyCollection<int> cores)
{
    private const double TicksPerSecond = 100;

    private Dictionary<AttemptId, TimeSpan> counted = [];
    private double busyBefore = -1, allBefore;

    /// <summary>Since the look before.</summary>
    public NodePressure Look(IEnumerable<RunningAttempt> running) => storage.Look() with { Memory = MachineInfo.MemoryPart(), ForeignLoad = ForeignLoad(Own(running)), NetworkErrors = NetworkErrors() };

    /// <summary>Of the lines of /proc/stat, ticks that the cores were busy, and all of their ticks.</summary>
    public static (double Busy, double All) Ticks(IEnumerable<string> lines, IReadOnlyCollection<int> cores)
    {
        var (busy, all) = (0.0, 0.0);
        foreach (var line in lines)
        {
            // cpuN user nice system idle iowait irq softirq steal …
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 9 || !fields[0].StartsWith("cpu", StringComparison.Ordinal)
                || !int.TryParse(fields[0].AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var core) || !cores.Contains(core))
            {
                continue;
            }

            var ticks = fields.Skip(1).Take(8).Select(static field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
            all += ticks.Sum();
            busy += ticks.Sum() - ticks[3] - ticks[4];
        }

        return (busy, all);
    }

    /// <summary>Of the lines of /proc/net/dev, what was received or sent with errors, over all links but the loopback; null: they name no link.</summary>
    public static long? Errors(IEnumerable<string> lines)
    {
        long? errors = null;
        foreach (var line in lines)
        {
            // NAME: received bytes, packets, errors, drop, fifo, frame, compressed, multicast; then sent bytes, packets, errors …
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var fields = colon < 0 ? [] : line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 11 && line[..colon].Trim() != "lo"
                && long.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var received) && long.TryParse(fields[10], NumberStyles.None, CultureInfo.InvariantCulture, out var sent))
            {
                errors = (errors ?? 0) + received + sent;
            }
        }

        return errors;
    }

    private static long? NetworkErrors()
    {
        try
        {
            return File.Exists("/proc/net/dev") ? Errors(File.ReadLines("/proc/net/dev")) : null;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Used parts of the file system of a directory; null where it does not say, as file systems without a fixed number of inodes.</summary>
    public static (double? Disk, double? Inodes) Space(string directory)
    {
        // struct statvfs of 64-bit Linux: block size, fragment size, then blocks, free, available, files, free, available.
        var numbers = new ulong[32];
        if (!OperatingSystem.IsLinux() || StatFileSystem(directory, numbers) != 0)
        {
            return (null, null);
        }

        return (Used(numbers[2], numbers[4]), Used(numbers[5], numbers[7]));

        static double? Used(ulong all, ulong left) => all == 0 ? null : 1 - ((double)left / all);
    }

    private TimeSpan Own(IEnumerable<RunningAttempt> running)
    {
        var own = TimeSpan.Zero;
        var before = counted;
        counted = [];
        foreach (var attempt in running)
        {
            if (attempt.Use is { } use)
            {
                own += use.CpuTime - before.GetValueOrDefault(attempt.Attempt);
                counted[attempt.Attempt] = use.CpuTime;
            }
            else if (before.TryGetValue(attempt.Attempt, out var known))
            {
                counted[attempt.Attempt] = known;
            }
        }

        return own;
    }

    private double? ForeignLoad(TimeSpan own)
    {
        if (cores.Count == 0 || !File.Exists("/proc/stat"))
        {
            return null;
        }

        var (busy, all) = Ticks(File.ReadLines("/proc/stat"), cores);
        var (wasBusy, wasAll) = (busyBefore, allBefore);
        (busyBefore, allBefore) = (busy, all);
        return wasBusy < 0 || all <= wasAll ? null : Math.Clamp((busy - wasBusy - (own.TotalSeconds * TicksPerSecond)) / (all - wasAll), 0, 1);
    }

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int StatFileSystem(string path, [Out] ulong[] result);
}
