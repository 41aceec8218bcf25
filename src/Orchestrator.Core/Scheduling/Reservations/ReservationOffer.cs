using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>When and where a reservation would fit.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.reservation-offer")]
public sealed record ReservationOffer
{
    [Id(0)] public DateTimeOffset Start { get; init; }

    [Id(1)] public DateTimeOffset End { get; init; }

    [Id(2)] public ImmutableArray<NodeId> Nodes { get; init; } = [];
}
