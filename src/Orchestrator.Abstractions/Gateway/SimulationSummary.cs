using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>A simulation in a list: a row of the index, which may lag a moment behind.</summary>
public sealed record SimulationSummary
{
    public SimulationId Id { get; init; }

    public string Campaign { get; init; } = "";

    public string Project { get; init; } = "";

    public string Variant { get; init; } = "";

    public int Member { get; init; }

    public SimulationStatus Status { get; init; }

    public string? Reason { get; init; }

    public PriorityClass Priority { get; init; }

    /// <summary>0 to 1.</summary>
    public double Progress { get; init; }

    public string User { get; init; } = "";

    /// <summary>Labels of its campaign and parameters of its scenario.</summary>
    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public DateTimeOffset SubmittedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The stages that run or wait for nodes, with their status: <c>coupled running</c>.</summary>
    public string Activity { get; init; } = "";

    /// <summary>Attempts over all stages.</summary>
    public int Attempts { get; init; }

    /// <summary>Checkpoints over all stages.</summary>
    public int Checkpoints { get; init; }

    /// <summary>Steps done again after losses, over all stages.</summary>
    public long StepsAgain { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}
