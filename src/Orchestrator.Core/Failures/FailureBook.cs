using System.Collections.Immutable;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Failures;

/// <summary>
/// Failures as the events of a log tell them, in their order: of each the newest word counts. What befalls a node is told by the node, and by each simulation that ran there: together they
/// are one incident.
/// </summary>
public sealed class FailureBook
{
    /// <summary>A simulation that was not told when the node was last heard of counts from when it was told of the loss.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Source, string? Stage, long Number), FailureRecord> found = [];

    /// <summary>What this book reads. The ends of what befell nodes are told without a record of their own.</summary>
    public static ImmutableArray<string> Kinds { get; } =
    [
        EventKinds.FailureDetected, EventKinds.FailureRecovered, EventKinds.FailureAbandoned, EventKinds.NodeLost, EventKinds.NodeDegraded,
        EventKinds.NodeRecovered, EventKinds.NodeRegistered, EventKinds.NodeEased, EventKinds.NodeResumed,
    ];

    public IReadOnlyCollection<FailureRecord> Records => found.Values;

    /// <summary>A failure that is over, as the history of its simulation keeps it: for ever, where events go after a while. Before any event.</summary>
    public void AddClosed(FailureRecord closed)
    {
        ArgumentNullException.ThrowIfNull(closed);
        found[(closed.Simulation?.Value ?? "", closed.Stage, closed.Number)] = closed;
    }

    public void Add(OrchestratorEvent occurrence)
    {
        ArgumentNullException.ThrowIfNull(occurrence);
        if (occurrence.Failure is { } failure)
        {
            found[(occurrence.Source, failure.Stage, failure.Number)] = failure;
            return;
        }

        foreach (var (key, open) in found.Where(pair => pair.Key.Source == occurrence.Source && !pair.Value.IsResolved && Ends(occurrence.Kind, pair.Value)).ToArray())
        {
            found[key] = open with { IsResolved = true, RecoveredAt = occurrence.At, Resolution = occurrence.Text, ResolvedBy = occurrence.By };
        }
    }

    /// <summary>The newest first.</summary>
    public ImmutableArray<FailureIncident> Incidents()
    {
        var nodes = found.Values.Where(static failure => failure is { Simulation: null, Kind: FailureKind.NodeOffline, Node: not null }).ToLookup(static failure => failure.Node!.Value);
        return
        [
            .. found.Values.GroupBy<FailureRecord, FailureRecord>(failure => failure.Simulation is null ? failure : LossOf(nodes[failure.Node ?? default], failure) ?? failure, ReferenceEqualityComparer.Instance)
                .Select(static group => FailureIncident.Of(group)).OrderByDescending(static incident => incident.AsOne.DetectedAt),
        ];
    }

    /// <summary>The loss of its node that a failure of a simulation tells of: the newest that began before the simulation knew of it, and was known of after the node was last heard of.</summary>
    private static FailureRecord? LossOf(IEnumerable<FailureRecord> losses, FailureRecord failure) => failure.Kind != FailureKind.NodeOffline
        ? null
        : losses.Where(loss => loss.OccurredAt <= failure.DetectedAt && failure.OccurredAt <= loss.DetectedAt + Apart).MaxBy(static loss => loss.DetectedAt);

    private static bool Ends(string kind, FailureRecord failure) => kind switch
    {
        EventKinds.NodeRecovered or EventKinds.NodeRegistered => failure.Kind == FailureKind.NodeOffline,
        EventKinds.NodeEased => failure.Kind != FailureKind.NodeOffline && failure.Detection != FailureDetection.Manual,
        EventKinds.NodeResumed => failure.Detection == FailureDetection.Manual,
        _ => false,
    };
}

/// <summary>One thing that happened, and all that was said of it.</summary>
public sealed record FailureIncident
{
    /// <summary>The node's own first, where it is one of a node; then the simulations' in the order in which they knew.</summary>
    public ImmutableArray<FailureRecord> Records { get; init; } = [];

    /// <summary>
    /// All together, to be counted once: since when and for how long, over all; what was lost, added up. It is recovered from when all of its simulations are, and without any when the node is.
    /// </summary>
    public FailureRecord AsOne { get; init; } = new();

    internal static FailureIncident Of(IEnumerable<FailureRecord> records)
    {
        FailureRecord[] all = [.. records.OrderBy(static failure => failure.Simulation is not null).ThenBy(static failure => failure.DetectedAt)];
        FailureRecord[] touched = all.Any(static failure => failure.Simulation is not null) ? [.. all.Where(static failure => failure.Simulation is not null)] : all;
        return new()
        {
            Records = [.. all],
            AsOne = all[0] with
            {
                OccurredAt = all.Min(static failure => failure.OccurredAt),
                DetectedAt = all.Min(static failure => failure.DetectedAt),
                WorkLost = all.Aggregate(TimeSpan.Zero, static (sum, failure) => sum + failure.WorkLost),
                IsResolved = touched.All(static failure => failure.IsResolved),
                RecoveredAt = touched.All(static failure => failure.IsRecovered) ? touched.Max(static failure => failure.RecoveredAt) : null,
            },
        };
    }

    /// <summary>From when it happened until all ran again; to <paramref name="now"/> where something does not yet, and until it was known where nothing more was to be done.</summary>
    public TimeSpan Downtime(DateTimeOffset now)
    {
        var end = AsOne.RecoveredAt ?? (AsOne.IsResolved ? AsOne.DetectedAt : now);
        return end > AsOne.OccurredAt ? end - AsOne.OccurredAt : TimeSpan.Zero;
    }
}
