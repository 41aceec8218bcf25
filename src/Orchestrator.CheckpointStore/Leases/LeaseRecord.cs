namespace Orchestrator.CheckpointStore.Leases;

/// <summary>Who uses a store at present.</summary>
public sealed record LeaseRecord
{
    public string Id { get; init; } = "";

    public LeaseKind Kind { get; init; }

    public string Host { get; init; } = "";

    /// <summary>Of the installed system: host names need not be unique. Empty where there is none.</summary>
    public string MachineId { get; init; } = "";

    /// <summary>Of the running system, so that a process id of before a reboot means nothing.</summary>
    public string BootId { get; init; } = "";

    /// <summary>Process ids of another container mean other processes.</summary>
    public string ProcessNamespace { get; init; } = "";

    public int ProcessId { get; init; }

    /// <summary>When the process began, in ticks since the system did.</summary>
    public long ProcessStart { get; init; }

    public DateTimeOffset Since { get; init; }

    /// <summary>The checkpoint that is being read or made.</summary>
    public string? Checkpoint { get; init; }
}
