namespace Orchestrator.Core.Scheduling;

/// <summary>Why a window or reservation cannot be what was asked for; nothing changed (invariant 12).</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.arrangement-refusal")]
public sealed record ArrangementRefusal
{
    /// <summary>The field in snake_case ("start", "nodes"), or "status" when the time for it has passed.</summary>
    [Id(0)] public string Field { get; init; } = "";

    /// <summary>What is wrong, and what is allowed.</summary>
    [Id(1)] public string Problem { get; init; } = "";

    public override string ToString() => $"{Field}: {Problem}";
}
