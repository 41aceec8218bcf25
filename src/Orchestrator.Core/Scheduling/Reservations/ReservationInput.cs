using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>What happens to a reservation.</summary>
public abstract record ReservationInput
{
    private ReservationInput()
    {
    }

    /// <summary>It gets nodes: at least one.</summary>
    public sealed record Confirmed(ImmutableArray<NodeShare> Allocations) : ReservationInput;

    /// <summary>It begins to be used.</summary>
    public sealed record Activated : ReservationInput;

    /// <summary>It is not used any more.</summary>
    public sealed record Completed : ReservationInput;

    /// <summary>Its owner, an operator, a conflict or a critical window ends it.</summary>
    public sealed record Cancelled(string By, string Reason) : ReservationInput;

    /// <summary>Something more important takes its nodes.</summary>
    /// <param name="Forced">Also from one that is not preemptible: a critical window, or an operator.</param>
    /// <param name="Reason">Who takes them, in words.</param>
    public sealed record Preempted(string Reason, bool Forced = false) : ReservationInput;

    /// <summary>It holds other nodes from now on, because some went or its work moved.</summary>
    public sealed record Reallocated(ImmutableArray<NodeShare> Allocations) : ReservationInput;

    /// <summary>It is for another time.</summary>
    public sealed record Moved(DateTimeOffset Start, DateTimeOffset End) : ReservationInput;

    /// <summary>Time passed.</summary>
    public sealed record Ticked : ReservationInput;
}
