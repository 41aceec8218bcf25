using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;

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

    /// <summary>Of an attempt that ended, as the log has it; null: the event is of something else.</summary>
    public static UsageRecord? Of(OrchestratorEvent occurrence)
    {
        ArgumentNullException.ThrowIfNull(occurrence);
        return occurrence is { Kind: EventKinds.AttemptEnded, Use: { } use } ? Of(occurrence.At, use, occurrence.User ?? "", occurrence.Project ?? "", occurrence.Simulation?.Value ?? occurrence.Source, occurrence.Stage ?? "", occurrence.Node?.Value ?? "") with { Nodes = NodesOf(occurrence) } : null;
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
        var slash = owner.IndexOf('/', StringComparison.Ordinal);
        return new()
        {
            From = end - use.WallTime,
            Until = end,
            Institution = slash < 0 ? "" : owner[..slash],
            Project = owner[(slash + 1)..],
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
}
