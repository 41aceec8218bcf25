using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>A scenario with what it holds.</summary>
public sealed record ShareHolder
{
    public string Scenario { get; init; } = "";

    /// <summary>0 to 1.</summary>
    public double Priority { get; init; }

    /// <summary>0 to 1; 0: nothing is known of it, so that it neither gives nor gets.</summary>
    public double Confidence { get; init; } = 1;

    /// <summary>Members of one ensemble count with the mean of their priorities and confidences; "": of none.</summary>
    public string Ensemble { get; init; } = "";

    /// <summary>It gives 30 % of what it holds.</summary>
    public bool IsPaused { get; init; }

    /// <summary>It gives all.</summary>
    public bool HasEnded { get; init; }

    /// <summary>It keeps what it has.</summary>
    public bool IsProtected { get; init; }

    /// <summary>By type, whatever the types are.</summary>
    public ImmutableSortedDictionary<string, double> Resources { get; init; } = ImmutableSortedDictionary<string, double>.Empty;
}
