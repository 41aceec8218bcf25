using System.Collections.Immutable;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A question for the planner: when does it start and end, as things are and with some changes. Nothing is changed by it.</summary>
public sealed record PlanRequest
{
    /// <summary>A campaign or a simulation; null: everything that runs or waits.</summary>
    public string? Target { get; init; }

    /// <summary>So many nodes more, 0 to 10,000.</summary>
    public int AddNodes { get; init; }

    /// <summary>A node that they are like; null: the first that is alive.</summary>
    public string? Like { get; init; }

    /// <summary>Windows at another time, by name: a moment, or +2h or -2h from their start.</summary>
    public ImmutableSortedDictionary<string, string> MoveWindows { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Windows that are called off.</summary>
    public ImmutableArray<string> WithoutWindows { get; init; } = [];

    public ImmutableArray<PriorityRequest> Priorities { get; init; } = [];

    /// <summary>A campaign file that would be submitted, as text; null: none.</summary>
    public string? Campaign { get; init; }

    /// <summary>How far it is played forward at most, as in 90d; null: a year.</summary>
    public string? Horizon { get; init; }
}
