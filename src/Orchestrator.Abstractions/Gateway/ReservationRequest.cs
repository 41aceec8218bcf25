using System.Collections.Immutable;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A reservation to be made. Words are read by the gateway, which tells all mistakes at once.</summary>
public sealed record ReservationRequest
{
    /// <summary>1 to 60 letters, digits, '.', '_' and '-'; unique in the cluster.</summary>
    public string Id { get; init; } = "";

    /// <summary>exclusive, shared, partial or dynamic.</summary>
    public string Kind { get; init; } = "exclusive";

    /// <summary>A moment as in 2026-08-01T08:00:00Z, or from now on as in +2h.</summary>
    public string Start { get; init; } = "";

    /// <summary>A moment, or from now on; this or <see cref="Duration"/>.</summary>
    public string? End { get; init; }

    /// <summary>As in 4h.</summary>
    public string? Duration { get; init; }

    public int Nodes { get; init; } = 1;

    /// <summary>On each node.</summary>
    public int Cores { get; init; } = 1;

    /// <summary>On each node, as in 4G; null: not declared.</summary>
    public string? Memory { get; init; }

    /// <summary>On each node.</summary>
    public int Gpus { get; init; }

    public string? GpuModel { get; init; }

    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>The level of topology of which one part must hold all nodes; null: anywhere.</summary>
    public string? Within { get; init; }

    /// <summary>Whose work may run in it, as institution/project; null: the caller's, where that is one.</summary>
    public string? Project { get; init; }

    /// <summary>"": all of the project, which an operator may ask for; null: the caller.</summary>
    public string? User { get; init; }

    /// <summary>background, low, medium, high or critical.</summary>
    public string Class { get; init; } = "medium";

    /// <summary>What to do when it does not fit beside others: firstComeFirstServed, priorityBased, preemption, negotiation or adminDecision.</summary>
    public string Strategy { get; init; } = "priorityBased";

    public bool Preemptible { get; init; } = true;
}
