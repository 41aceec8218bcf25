namespace Orchestrator.Core.Usage;

/// <summary>What one of a dimension used in one step.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.usage-row")]
public sealed record UsageRow
{
    [Id(0)] public string Name { get; init; } = "";

    /// <summary>When the step begins.</summary>
    [Id(1)] public DateTimeOffset Start { get; init; }

    [Id(2)] public UsageAmounts Amounts { get; init; } = UsageAmounts.None;
}
