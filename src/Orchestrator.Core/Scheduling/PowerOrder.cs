using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>One node to switch on or off.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.power-order")]
public sealed record PowerOrder
{
    [Id(0)] public NodeId Node { get; init; }

    [Id(1)] public bool On { get; init; }

    /// <summary>Why, in words.</summary>
    [Id(2)] public string Reason { get; init; } = "";
}
