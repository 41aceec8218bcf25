using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Scenarios;

/// <summary>What steering asks of one simulation.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.member-order")]
public sealed record MemberOrder
{
    /// <summary>True: pause at a checkpoint; false: go on; null: as it is.</summary>
    [Id(0)] public bool? Hold { get; init; }

    /// <summary>0 to 1: what its scenario promises, for the order of the queue; null: as it is.</summary>
    [Id(1)] public double? Promise { get; init; }

    /// <summary>What it was submitted with holds again in place of what was promised.</summary>
    [Id(3)] public bool ForgetsPromise { get; init; }

    /// <summary>The share by which the scheduler divides what the set gets; null: as it is.</summary>
    [Id(4)] public ScenarioShare? Share { get; init; }

    /// <summary>No share divides its work from others' any more.</summary>
    [Id(5)] public bool ForgetsShare { get; init; }

    /// <summary>For people.</summary>
    [Id(2)] public string Reason { get; init; } = "";

    /// <summary>It asks for nothing.</summary>
    public bool IsEmpty => Hold is null && Promise is null && !ForgetsPromise && Share is null && !ForgetsShare;
}
