namespace Orchestrator.Core.Workflows;

/// <summary>How often and how soon a failed stage is tried again. Ends by walltime, preemption, drain or node loss use no retry.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.retry-policy")]
public sealed record RetryPolicy
{
    /// <summary>Tries after the first, 0 to 100.</summary>
    [Id(0)] public int RetriesMax { get; init; } = 3;

    [Id(1)] public TimeSpan BackoffFirst { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait doubles with each retry up to this.</summary>
    [Id(2)] public TimeSpan BackoffMax { get; init; } = TimeSpan.FromMinutes(20);
}
