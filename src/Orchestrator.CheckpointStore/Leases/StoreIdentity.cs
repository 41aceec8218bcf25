using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.CheckpointStore.Leases;

/// <summary>Who this process is, in a way in which other processes and nodes can find out whether it still runs.</summary>
public sealed partial record StoreIdentity
{
    private const int NotPermitted = 1;

    private static readonly Lazy<StoreIdentity> Own = new(Read);

    public string Host { get; init; } = "";

    /// <summary>Of the installed system; two nodes may have one host name, and even that in common when they run one image.</summary>
    public string MachineId { get; init; } = "";

    public string BootId { get; init; } = "";

    public string ProcessNamespace { get; init; } = "";

    public int ProcessId { get; init; }

    public long ProcessStart { get; init; }

    /// <summary>When a process on this machine began; null when there is none with this id.</summary>
    internal Func<int, long?> StartOf { get; init; } = StartOfProcess;

    /// <summary>Whether there is a process with this id that does not let itself be looked at (hidepid).</summary>
    internal Func<int, bool> IsHidden { get; init; } = IsHiddenProcess;

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
            // The same machine before a reboot, or another one of that name: only an id of the machine tells.
            return MachineId.Length > 0 && lease.MachineId == MachineId ? false : null;
        }

        return lease.ProcessNamespace != ProcessNamespace ? null
            : StartOf(lease.ProcessId) is { } start ? start == lease.ProcessStart
            : IsHidden(lease.ProcessId) ? null
            : false;
    }

    private static StoreIdentity Read()
    {
        var id = Environment.ProcessId;
        return new()
        {
            Host = Environment.MachineName,
            MachineId = TextOf("/etc/machine-id"),
            BootId = TextOf("/proc/sys/kernel/random/boot_id"),
            ProcessNamespace = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "",
            ProcessId = id,
            ProcessStart = StartOfProcess(id) ?? 0,
        };
    }

    private static string TextOf(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static bool IsHiddenProcess(int id) => Signal(id, 0) != 0 && Marshal.GetLastPInvokeError() == NotPermitted;

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

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);
}
