namespace Orchestrator.Core.Scenarios;

/// <summary>What steering asks of one simulation.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.member-order")]
public sealed record MemberOrder
{
    /// <summary>True: pause at a checkpoint; false: go on; null: as it is.</summary>
    [Id(0)] public bool? Hold { get; init; }

    /// <summary>0 to 1: what its scenario promises, for the order of the queue; null: as it is.</summary>
    [Id(1)] public double? Promise { get; init; }

    /// <summary>For people.</summary>
    [Id(2)] public string Reason { get; init; } = "";
}
