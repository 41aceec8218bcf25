using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Abstractions.Clusters;

/// <summary>What became of something that was to be arranged at a cluster.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.arrangement-reply")]
public sealed record ArrangementReply
{
    /// <summary>It holds now; false: it was refused, and nothing changed.</summary>
    [Id(0)] public bool Accepted { get; init; }

    /// <summary>What is wrong, as sentences that name the field and what is allowed (invariant 12).</summary>
    [Id(1)] public string Problem { get; init; } = "";

    /// <summary>False: it was so already.</summary>
    [Id(2)] public bool Changed { get; init; }

    /// <summary>Of a reservation: as it stands now, also one that others won against.</summary>
    [Id(3)] public Reservation? Reservation { get; init; }

    /// <summary>Of a reservation that did not get its nodes: when and where it would, the nearest first.</summary>
    [Id(4)] public ImmutableArray<ReservationOffer> Offers { get; init; } = [];
}
