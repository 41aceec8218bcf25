using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>All of a request that decides on which nodes it fits, beside how long it runs, and which of them it likes: requests with the same are one to the table.</summary>
internal readonly struct ShapeKey(ResourceRequest resources, string jobType, bool canCheckpoint, ImmutableHashSet<NodeId> avoid, string user, Ownership? owner, string reservation, string owned, bool isProtected) : IEquatable<ShapeKey>
{
    public ResourceRequest Resources { get; } = resources;

    public string JobType { get; } = jobType;

    public bool CanCheckpoint { get; } = canCheckpoint;

    public ImmutableHashSet<NodeId> Avoid { get; } = avoid;

    /// <summary>"" where no node and no reservation asks whose work it is.</summary>
    public string User { get; } = user;

    /// <summary>Null where no reservation asks.</summary>
    public Ownership? Owner { get; } = owner;

    /// <summary>The reservation inside of which it runs; "": outside of all.</summary>
    public string Reservation { get; } = reservation;

    /// <summary>The reservation that is kept for its simulation, which keeps it off nothing; "": none.</summary>
    public string Owned { get; } = owned;

    public bool Protected { get; } = isProtected;

    public bool Equals(ShapeKey other) =>
        (ReferenceEquals(Resources, other.Resources) || Resources.Equals(other.Resources))
        && CanCheckpoint == other.CanCheckpoint && Protected == other.Protected && JobType == other.JobType && User == other.User && Owner == other.Owner && Reservation == other.Reservation && Owned == other.Owned
        && (ReferenceEquals(Avoid, other.Avoid) || Avoid.SetEquals(other.Avoid));

    public override bool Equals(object? obj) => obj is ShapeKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Resources, JobType, (CanCheckpoint, Protected), Avoid.Count, User, Reservation, Owned);
}
