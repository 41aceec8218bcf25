using System.Collections.Immutable;

namespace Orchestrator.Core.Simulations;

/// <summary>What a stage came to, as the stages after it get it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-outcome")]
public sealed record StageOutcome
{
    [Id(0)] public string Stage { get; init; } = "";

    [Id(1)] public StageStatus Status { get; init; }

    /// <summary>Null: it did not run, or a signal ended it.</summary>
    [Id(2)] public int? ExitStatus { get; init; }

    [Id(3)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Published ones, with size, SHA-256 and time; of a stage that runs those that it reported.</summary>
    [Id(4)] public ImmutableArray<Artifact> Artifacts { get; init; } = [];
}
