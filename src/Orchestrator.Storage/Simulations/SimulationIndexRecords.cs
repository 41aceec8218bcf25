namespace Orchestrator.Storage;

/// <summary>What lists show of a simulation without waking its grain.</summary>
public sealed record SimulationIndexEntry
{
    public required string Simulation { get; init; }

    /// <summary>The campaign that it was submitted with, if any.</summary>
    public string? Campaign { get; init; }

    public string? Project { get; init; }

    public string? Scenario { get; init; }

    public string? Variant { get; init; }

    /// <summary>The name of the status, as lists filter by it.</summary>
    public required string Status { get; init; }

    /// <summary>False once it completed, failed or was cancelled.</summary>
    public required bool IsLive { get; init; }

    public string? Owner { get; init; }

    public string? Institution { get; init; }

    public string? Cluster { get; init; }

    public int Priority { get; init; }

    /// <summary>0 to 1.</summary>
    public double Progress { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Grows with every change of the simulation; an older version never replaces a newer one.</summary>
    public required long Version { get; init; }

    /// <summary>JSON in UTF-8 with what lists show beyond the columns; may be empty.</summary>
    public ReadOnlyMemory<byte> Summary { get; init; }
}

/// <summary>Which simulations are meant: all that match every member that is set.</summary>
public sealed record SimulationIndexFilter
{
    public static SimulationIndexFilter All { get; } = new();

    public string? Campaign { get; init; }

    public string? Project { get; init; }

    public string? Scenario { get; init; }

    public string? Owner { get; init; }

    public string? Institution { get; init; }

    public string? Cluster { get; init; }

    /// <summary>Any of these; empty for every status.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    public bool? IsLive { get; init; }

    /// <summary>Any of these projects; null for every project. An empty list matches nothing.</summary>
    public IReadOnlyList<string>? Projects { get; init; }
}

/// <summary>A page of the index.</summary>
public sealed record SimulationIndexPage
{
    public required IReadOnlyList<SimulationIndexEntry> Entries { get; init; }

    /// <summary>What to pass for the next page; null on the last one.</summary>
    public string? Next { get; init; }
}
