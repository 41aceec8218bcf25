namespace Orchestrator.Core.Workflows;

/// <summary>What starts a stage once its dependencies are satisfied.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.stage-trigger")]
public sealed record StageTrigger
{
    [Id(0)] public TriggerKind Kind { get; init; } = TriggerKind.Automatic;

    /// <summary>With <see cref="TriggerKind.Timed"/>: not before; null: only the delay counts.</summary>
    [Id(1)] public DateTimeOffset? At { get; init; }

    /// <summary>With <see cref="TriggerKind.Timed"/>: so long after its dependencies were satisfied; at least 0.</summary>
    [Id(2)] public TimeSpan Delay { get; init; }

    /// <summary>With <see cref="TriggerKind.Manual"/>: who approves; see <see cref="Dependency.Approval"/>.</summary>
    [Id(3)] public string Approval { get; init; } = Dependency.Anyone;

    /// <summary>With <see cref="TriggerKind.Data"/>: a file that any stage reported or published; '*' and '?' stand for other letters.</summary>
    [Id(4)] public string? Artifact { get; init; }

    /// <summary>With <see cref="TriggerKind.Expression"/>.</summary>
    [Id(5)] public string? When { get; init; }
}

/// <summary>What a stage waits for beside its dependencies.</summary>
[GenerateSerializer, Alias("orchestrator.trigger-kind")]
public enum TriggerKind
{
    Absent = 0,
    Automatic = 1,
    Manual = 2,
    Timed = 3,
    Data = 4,
    Expression = 5,
}
