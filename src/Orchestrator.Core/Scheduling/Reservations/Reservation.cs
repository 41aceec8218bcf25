using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>Nodes, or parts of them, kept for someone from one moment to another.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.reservation")]
public sealed record Reservation
{
    /// <summary>1 to 60 letters, digits, '.', '_' and '-'; unique in the cluster.</summary>
    [Id(0)] public string Id { get; init; } = "";

    [Id(1)] public ReservationKind Kind { get; init; } = ReservationKind.Exclusive;

    [Id(2)] public ReservationState State { get; init; } = ReservationState.Requested;

    [Id(3)] public DateTimeOffset Start { get; init; }

    /// <summary>After <see cref="Start"/>.</summary>
    [Id(4)] public DateTimeOffset End { get; init; }

    /// <summary>What it wants; its nodes are chosen from it when it is confirmed.</summary>
    [Id(5)] public ResourceRequest Wanted { get; init; } = new();

    /// <summary>What it holds once it is confirmed: one for each node.</summary>
    [Id(6)] public ImmutableArray<NodeShare> Allocations { get; init; } = [];

    /// <summary>Whose work may run in it: the user's, or with an empty user all of the project's.</summary>
    [Id(7)] public Ownership Owner { get; init; } = new();

    [Id(8)] public PriorityClass Priority { get; init; } = PriorityClass.Medium;

    [Id(9)] public bool Preemptible { get; init; } = true;

    [Id(10)] public DateTimeOffset RequestedAt { get; init; }

    [Id(11)] public DateTimeOffset? ConfirmedAt { get; init; }

    [Id(12)] public DateTimeOffset? ActivatedAt { get; init; }

    /// <summary>When it was completed, cancelled or preempted.</summary>
    [Id(13)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it was cancelled, preempted, or completed before its end.</summary>
    [Id(14)] public string Reason { get; init; } = "";

    [Id(15)] public string By { get; init; } = "";

    /// <summary>The protected simulation that it keeps nodes for; "": none.</summary>
    [Id(16)] public string Simulation { get; init; } = "";

    /// <summary>What to do when it does not fit beside others; absent: <see cref="ConflictStrategy.PriorityBased"/>.</summary>
    [Id(17)] public ConflictStrategy Strategy { get; init; }

    public bool IsOver => State is ReservationState.Completed or ReservationState.Cancelled or ReservationState.Preempted;

    /// <summary>It keeps others off its nodes.</summary>
    public bool Holds => State is ReservationState.Confirmed or ReservationState.Active;
}
