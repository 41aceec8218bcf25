using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Forecasting.Planned;

namespace Orchestrator.Core.Usage;

/// <summary>What one attempt, or one job of another system, used, and for whom.</summary>
public sealed record UsageRecord
{
    public DateTimeOffset From { get; init; }

    /// <summary>Not before <see cref="From"/>.</summary>
    public DateTimeOffset Until { get; init; }

    public string Institution { get; init; } = "";

    public string Project { get; init; } = "";

    public string User { get; init; } = "";

    public string Simulation { get; init; } = "";

    public string Stage { get; init; } = "";

    /// <summary>Job, or task of an array.</summary>
    public string Task { get; init; } = "";

    /// <summary>The lead one.</summary>
    public string Node { get; init; } = "";

    /// <summary>All of them, where there were several: each has an equal part of what was used; empty: <see cref="Node"/> is all.</summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>When it was submitted; null: not known.</summary>
    public DateTimeOffset? Submitted { get; init; }

    /// <summary>What it asked for; null: nothing.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Cores that it held; at least 0.</summary>
    public double CoresHeld { get; init; }

    /// <summary>Bytes of memory that it held, on all nodes together; 0: not known.</summary>
    public double MemoryHeld { get; init; }

    public UsageAmounts Amounts { get; init; } = UsageAmounts.None;

    /// <summary>Whether the time in which processors worked is that of all of it; an agent knows its own node alone, so that of several nodes that of the lead is known.</summary>
    public bool IsBusyWhole { get; init; } = true;

    /// <summary>Whether the memory is that of all of it: of several nodes, as above, or of several tasks of which the largest was measured, it is not.</summary>
    public bool IsMemoryWhole { get; init; } = true;

    /// <summary>The part of the time in which its GPUs were watched that they worked, 0 to 1; null: nobody watched all of them.</summary>
    public double? GpuBusy { get; init; }

    /// <summary>It is not over: this is what it held up to now, and nothing of it was measured.</summary>
    public bool IsRunning { get; init; }

    /// <summary>Of an attempt that ended, as the log has it; null: the event is of something else.</summary>
    public static UsageRecord? Of(OrchestratorEvent occurrence)
    {
        ArgumentNullException.ThrowIfNull(occurrence);
        if (occurrence is not { Kind: EventKinds.AttemptEnded, Use: { } use })
        {
            return null;
        }

        var record = Of(occurrence.At, use, occurrence.User ?? "", occurrence.Project ?? "", occurrence.Simulation?.Value ?? occurrence.Source, occurrence.Stage ?? "", occurrence.Node?.Value ?? "");
        var nodes = NodesOf(occurrence);
        return nodes.Length > 1 ? record with { Nodes = nodes, IsBusyWhole = false, IsMemoryWhole = false, GpuBusy = null } : record with { Nodes = nodes };
    }

    /// <summary>What an attempt that runs held up to now; null: it does not run, or has only begun.</summary>
    public static UsageRecord? Running(PlannedDemand demand, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(demand);
        var whole = (demand.Until - demand.From).TotalSeconds;
        if (!demand.Runs || whole <= 0 || now <= demand.From)
        {
            return null;
        }

        var (cores, gpus, seconds) = (demand.CoreHours * 3600 / whole, demand.GpuHours * 3600 / whole, (now - demand.From).TotalSeconds);
        var (institution, project) = Parts(demand.Project);
        return new()
        {
            From = demand.From,
            Until = now,
            Institution = institution,
            Project = project,
            User = demand.User,
            Simulation = demand.Simulation,
            Stage = demand.Stage,
            CoresHeld = cores,
            Amounts = new() { Cores = cores * seconds, Gpus = gpus * seconds },
            IsRunning = true,
        };
    }

    /// <summary>The nodes of an attempt that had several; else none.</summary>
    internal static ImmutableArray<string> NodesOf(OrchestratorEvent occurrence) => occurrence.Nodes is { IsDefaultOrEmpty: false } nodes ? [.. nodes.Select(static node => node.Value)] : [];

    /// <summary>Its part on each node, the lead first. It ended once: on the lead.</summary>
    internal IEnumerable<UsageRecord> ByNode()
    {
        if (Nodes.IsDefault || Nodes.Length < 2)
        {
            yield return this;
            yield break;
        }

        var part = 1.0 / Nodes.Length;
        for (var at = 0; at < Nodes.Length; at++)
        {
            yield return this with { Node = Nodes[at], Nodes = [], CoresHeld = CoresHeld * part, MemoryHeld = MemoryHeld * part, Amounts = Amounts.Part(part) with { Attempts = at == 0 ? Amounts.Attempts : 0 } };
        }
    }

    /// <param name="end">When the attempt ended.</param>
    /// <param name="use">As measured.</param>
    /// <param name="user">Whose.</param>
    /// <param name="owner">Institution and project, with a slash between them.</param>
    /// <param name="simulation">Its id.</param>
    /// <param name="stage">Its name, with the number of the task after it where it is an array.</param>
    /// <param name="node">The lead one.</param>
    public static UsageRecord Of(DateTimeOffset end, ResourceUse use, string user, string owner, string simulation, string stage, string node)
    {
        ArgumentNullException.ThrowIfNull(use);
        ArgumentNullException.ThrowIfNull(owner);
        var (institution, project) = Parts(owner);

        // Nodes are counted by their time: two of them have twice the wall time.
        var isOfOneNode = use.NodeTime <= use.WallTime * 1.5;
        return new()
        {
            From = end - use.WallTime,
            Until = end,
            Institution = institution,
            Project = project,
            IsBusyWhole = isOfOneNode,
            IsMemoryWhole = isOfOneNode,
            GpuBusy = isOfOneNode && use.GpuWatched > TimeSpan.Zero ? Math.Clamp(use.GpuBusy / use.GpuWatched, 0, 1) : null,
            User = user,
            Simulation = simulation,
            Stage = stage,
            Node = node,
            CoresHeld = use.WallTime > TimeSpan.Zero ? use.CoreTime / use.WallTime : 0,
            MemoryHeld = use.MemoryHeld,
            Amounts = new UsageAmounts
            {
                Cores = use.CoreTime.TotalSeconds,
                Gpus = use.GpuTime.TotalSeconds,
                Nodes = (use.NodeTime > TimeSpan.Zero ? use.NodeTime : use.WallTime).TotalSeconds,
                Memory = use.PeakMemory * use.WallTime.TotalSeconds,
                Storage = use.BytesRead + use.BytesWritten,
                Busy = use.CpuTime.TotalSeconds,
                Attempts = 1,
            },
        };
    }

    /// <summary>Of <c>institution/project</c>, or of a project alone.</summary>
    private static (string Institution, string Project) Parts(string owner)
    {
        var slash = owner.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", owner) : (owner[..slash], owner[(slash + 1)..]);
    }
}
