using System.Globalization;

namespace Orchestrator.CheckpointStore.Leases;

/// <summary>Who this process is, in a way in which other processes and nodes can find out whether it still runs.</summary>
public sealed record StoreIdentity
{
    private static readonly Lazy<StoreIdentity> Own = new(Read);

    public string Host { get; init; } = "";

    public string BootId { get; init; } = "";

    public string ProcessNamespace { get; init; } = "";

    public int ProcessId { get; init; }

    public long ProcessStart { get; init; }

    /// <summary>When a process on this machine began; null when there is none with this id.</summary>
    internal Func<int, long?> StartOf { get; init; } = StartOfProcess;

    public static StoreIdentity Current => Own.Value;

    /// <summary>Whether the process behind a lease runs; null when that cannot be seen from here.</summary>
    internal bool? IsAlive(LeaseRecord lease)
    {
        if (lease.Host != Host)
        {
            return null;
        }

        if (lease.BootId != BootId)
        {
            return false;
        }

        return lease.ProcessNamespace == ProcessNamespace ? StartOf(lease.ProcessId) == lease.ProcessStart : null;
    }

    private static StoreIdentity Read()
    {
        var id = Environment.ProcessId;
        return new()
        {
            Host = Environment.MachineName,
            BootId = File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "",
            ProcessNamespace = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "",
            ProcessId = id,
            ProcessStart = StartOfProcess(id) ?? 0,
        };
    }

    private static long? StartOfProcess(int id)
    {
        try
        {
            // The name may hold blanks and parentheses; after the last one the fields begin with the third.
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
