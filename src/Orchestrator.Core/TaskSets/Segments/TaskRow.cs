namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>What tasks that follow each other ask for: all that a segment knows of them.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-row")]
public sealed record TaskRow
{
    [Id(0)] public int First { get; init; }

    [Id(1)] public int Last { get; init; }

    [Id(2)] public int Cores { get; init; } = 1;

    [Id(3)] public int Gpus { get; init; }

    /// <summary>Bytes; 0: not declared.</summary>
    [Id(4)] public long Memory { get; init; }

    /// <summary>Higher goes first.</summary>
    [Id(5)] public int Priority { get; init; }

    [Id(6)] public int RetriesMax { get; init; }
}
