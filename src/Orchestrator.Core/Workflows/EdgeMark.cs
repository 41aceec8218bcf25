namespace Orchestrator.Core.Workflows;

/// <summary>What is kept of an edge beside what the stages' states say.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.edge-mark")]
public sealed record EdgeMark
{
    /// <summary>Its place in <see cref="StageDefinition.After"/>; <see cref="Trigger"/>: the trigger of the stage.</summary>
    [Id(0)] public int Edge { get; init; }

    /// <summary>When its condition was first seen to be satisfied, where a delay counts from then.</summary>
    [Id(1)] public DateTimeOffset? Since { get; init; }

    [Id(2)] public string? ApprovedBy { get; init; }

    [Id(3)] public DateTimeOffset? ApprovedAt { get; init; }

    /// <summary>Who declared that it does not matter.</summary>
    [Id(4)] public string? BypassedBy { get; init; }

    [Id(5)] public DateTimeOffset? BypassedAt { get; init; }

    /// <summary>Why it was approved or bypassed, in that person's words.</summary>
    [Id(6)] public string? Why { get; init; }

    /// <summary>It was satisfied when the stage was opened, which stays so; null: it is judged by what is.</summary>
    [Id(7)] public DateTimeOffset? SatisfiedAt { get; init; }

    /// <summary>When its file was first seen; it was there, whatever becomes of the attempt that wrote it. Null: not yet.</summary>
    [Id(8)] public DateTimeOffset? MetAt { get; init; }

    /// <summary>When its delay was seen to be over; null: not yet, or it has none.</summary>
    [Id(9)] public DateTimeOffset? PassedAt { get; init; }

    public const int Trigger = -1;
}
