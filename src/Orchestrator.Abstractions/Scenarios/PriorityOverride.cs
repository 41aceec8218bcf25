namespace Orchestrator.Abstractions.Scenarios;

/// <summary>A priority that a person gives to a variant.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.priority-override")]
public sealed record PriorityOverride
{
    [Id(0)] public string Variant { get; init; } = "";

    /// <summary>Outside of 0 to 1 the nearest bound; null: evaluations decide again.</summary>
    [Id(1)] public double? Priority { get; init; }

    /// <summary>Why, in the caller's words; kept with the change.</summary>
    [Id(2)] public string Note { get; init; } = "";

    /// <summary>Who sets it; the gateway fills it in.</summary>
    [Id(3)] public string By { get; init; } = "";
}
