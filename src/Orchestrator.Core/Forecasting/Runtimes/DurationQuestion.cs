using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>Work of which a cluster is asked how long it is likely to run.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.duration-question")]
public sealed record DurationQuestion
{
    [Id(0)] public string User { get; init; } = "";

    /// <summary>What kind of work it is; "": not known.</summary>
    [Id(1)] public string JobType { get; init; } = "";

    /// <summary>What is asked for; null: nothing.</summary>
    [Id(2)] public TimeSpan? Estimate { get; init; }

    [Id(3)] public ResourceRequest Resources { get; init; } = new();

    /// <summary>It is ended at its estimate: the answer is never above it.</summary>
    [Id(4)] public bool IsLimit { get; init; }
}
