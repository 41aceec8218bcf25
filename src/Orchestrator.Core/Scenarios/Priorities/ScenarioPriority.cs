namespace Orchestrator.Core.Scenarios.Priorities;

/// <summary>How much a scenario counts at present.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.scenario-priority")]
public sealed record ScenarioPriority
{
    public const double Initial = 0.5;

    /// <summary>0 to 1.</summary>
    [Id(0)] public double Value { get; init; } = Initial;

    /// <summary>When it was last looked at, whether it changed or not; null: never.</summary>
    [Id(1)] public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>A person set it: evaluations change it no more until that is taken back.</summary>
    [Id(2)] public bool IsOverridden { get; init; }
}
