using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>An attempt that was considered and not placed.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.waiting-request")]
public sealed record WaitingRequest
{
    [Id(0)] public AttemptId Attempt { get; init; }

    [Id(1)] public WaitReason Reason { get; init; } = new();
}
