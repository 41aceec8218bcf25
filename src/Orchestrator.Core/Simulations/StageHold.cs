namespace Orchestrator.Core.Simulations;

/// <summary>A person holds a stage back.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-hold")]
public sealed record StageHold
{
    [Id(0)] public string By { get; init; } = "";

    [Id(1)] public string? Why { get; init; }

    [Id(2)] public DateTimeOffset At { get; init; }

    internal string Words => string.IsNullOrWhiteSpace(Why) ? $"held by {By}" : $"held by {By}: {Why}";
}
