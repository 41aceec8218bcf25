namespace Orchestrator.Core.Scenarios.Priorities;

/// <summary>A priority that changed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.priority-change")]
public sealed record PriorityChange
{
    [Id(0)] public string Scenario { get; init; } = "";

    [Id(1)] public DateTimeOffset At { get; init; }

    /// <summary>0 to 1.</summary>
    [Id(2)] public double Before { get; init; }

    [Id(3)] public double After { get; init; }

    [Id(4)] public PriorityReason Reason { get; init; }

    /// <summary>For people: from what it follows, or what the person who set it said.</summary>
    [Id(5)] public string Note { get; init; } = "";

    /// <summary>Who set it; "": the rules.</summary>
    [Id(6)] public string By { get; init; } = "";
}
