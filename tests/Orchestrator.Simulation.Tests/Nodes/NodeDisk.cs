using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Nodes;

/// <summary>The state directory of a node's agent: the log of epochs, and a folder for each attempt that it holds.</summary>
internal sealed class NodeDisk(Dice dice)
{
    private readonly Dictionary<string, int> epochs = new(StringComparer.Ordinal);

    public bool IsFull { get; set; }

    public Dictionary<AttemptId, AttemptFolder> Attempts { get; } = [];

    public int Highest(AttemptId attempt) => epochs.GetValueOrDefault($"{attempt.Simulation}/{attempt.Stage}");

    public void Add(AttemptId attempt)
    {
        CheckSpace();
        epochs[$"{attempt.Simulation}/{attempt.Stage}"] = Math.Max(Highest(attempt), attempt.Epoch);
    }

    public void CheckSpace()
    {
        if (IsFull)
        {
            throw new DiskFailedException("no space left on the node");
        }
    }

    /// <summary>The machine went down: what was not synced may be gone.</summary>
    public void Crash()
    {
        foreach (var folder in Attempts.Values)
        {
            folder.Crash(dice);
        }
    }
}

/// <summary>As AttemptRecord and ReportSpool: the record is replaced by rename, reports are appended, and synced before any of them is sent.</summary>
internal sealed class AttemptFolder(NodeDisk disk, WantedLease lease)
{
    private readonly List<AttemptReport> reports = [];
    private int synced;
    private long acknowledged;

    public WantedLease Lease => lease;

    public LaunchSpecification? Launch { get; private set; }

    public int Start { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    public int Boot { get; private set; }

    public string? Restored { get; private set; }

    public ImmutableArray<string> Damaged { get; private set; } = [];

    public AttemptReport? Last => reports.LastOrDefault();

    public IReadOnlyList<AttemptReport> Reports => reports;

    public void Store(LaunchSpecification launch)
    {
        disk.CheckSpace();
        Launch = launch;
    }

    public void StoreStart(DateTimeOffset at, int boot, string? restored, ImmutableArray<string> damaged)
    {
        disk.CheckSpace();
        (Start, StartedAt, Boot, Restored, Damaged) = (Start + 1, at, boot, restored, damaged);
    }

    public AttemptReport Append(AttemptReport report)
    {
        disk.CheckSpace();
        report = report with { Sequence = (Last?.Sequence ?? 0) + 1 };
        reports.Add(report);
        if (report is not AttemptReport.Progressed)
        {
            synced = reports.Count;
        }

        return report;
    }

    public void Sync() => synced = reports.Count;

    /// <summary>What a new agent says again.</summary>
    public List<AttemptReport> Unacknowledged() => [.. reports.Where(report => report.Sequence > acknowledged)];

    public void Acknowledge(long sequence)
    {
        // Without the note everything is said again.
        if (!disk.IsFull)
        {
            acknowledged = Math.Max(acknowledged, sequence);
        }
    }

    public void Crash(Dice dice)
    {
        var kept = synced + dice.Below(reports.Count - synced + 1);
        reports.RemoveRange(kept, reports.Count - kept);
        synced = kept;
        if (dice.Chance(0.3))
        {
            acknowledged = 0;
        }
    }
}
