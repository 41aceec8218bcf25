using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>That reservations and windows wanted the same nodes at the same time, and what came of it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.reservation-conflict")]
public sealed record ReservationConflict
{
    /// <summary>Unique in the cluster: the reservation, what it collided with, and when.</summary>
    [Id(0)] public string Id { get; init; } = "";

    [Id(1)] public ConflictKind Kind { get; init; }

    /// <summary>The one that was asked for, or looked at.</summary>
    [Id(2)] public string Reservation { get; init; } = "";

    /// <summary>The other reservations or windows.</summary>
    [Id(3)] public ImmutableArray<string> With { get; init; } = [];

    /// <summary>Nodes that both wanted.</summary>
    [Id(4)] public ImmutableArray<NodeId> Nodes { get; init; } = [];

    /// <summary>The time in which they overlap.</summary>
    [Id(5)] public DateTimeOffset From { get; init; }

    [Id(6)] public DateTimeOffset Until { get; init; }

    [Id(7)] public ConflictStrategy Strategy { get; init; }

    [Id(8)] public DateTimeOffset DetectedAt { get; init; }

    /// <summary>What collided, in words.</summary>
    [Id(9)] public string Details { get; init; } = "";

    [Id(10)] public bool Resolved { get; init; }

    [Id(11)] public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>What was decided, and by whom, in words; "": nothing yet.</summary>
    [Id(12)] public string Resolution { get; init; } = "";
}
