using System.Collections.Immutable;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>Maintenance to be added: a window, or with <see cref="Groups"/> or <see cref="GroupSize"/> one for each group of nodes. Words are read by the gateway, which tells all mistakes at once.</summary>
public sealed record WindowRequest
{
    /// <summary>1 to 60 letters, digits, '.', '_' and '-'; unique in the cluster. Groups are named ID.1, ID.2 and so on.</summary>
    public string Id { get; init; } = "";

    /// <summary>minor, major or critical.</summary>
    public string Severity { get; init; } = "major";

    /// <summary>A moment as in 2026-08-01T08:00:00Z, or from now on as in +2h.</summary>
    public string Start { get; init; } = "";

    /// <summary>A moment, or from now on; this or <see cref="Duration"/>.</summary>
    public string? End { get; init; }

    /// <summary>As in 4h; of each group of a rolling one.</summary>
    public string? Duration { get; init; }

    /// <summary>Names of nodes; empty: all.</summary>
    public ImmutableArray<string> Nodes { get; init; } = [];

    /// <summary>A rolling maintenance over these groups.</summary>
    public ImmutableArray<ImmutableArray<string>> Groups { get; init; } = [];

    /// <summary>A rolling maintenance over groups of so many of the nodes, by name.</summary>
    public int? GroupSize { get; init; }

    /// <summary>Pause between two groups, as in 30m; null: none.</summary>
    public string? Gap { get; init; }

    /// <summary>A group begins when the one before is done, and not by the clock alone.</summary>
    public bool WhenDone { get; init; }

    public string Description { get; init; } = "";

    /// <summary>It may be called off before it begins.</summary>
    public bool Cancellable { get; init; } = true;
}
