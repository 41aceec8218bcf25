namespace Orchestrator.Core.Scenarios.Reallocation;

/// <summary>What became of one resource of one scenario.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.allocation-change")]
public sealed record AllocationChange
{
    [Id(0)] public string Scenario { get; init; } = "";

    [Id(1)] public string Resource { get; init; } = "";

    [Id(2)] public double Before { get; init; }

    [Id(3)] public double After { get; init; }

    [Id(4)] public DateTimeOffset At { get; init; }

    /// <summary>For people.</summary>
    [Id(5)] public string Reason { get; init; } = "";
}
