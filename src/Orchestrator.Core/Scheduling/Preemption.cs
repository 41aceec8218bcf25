using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling;

/// <summary>One running attempt that is asked to leave.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.preemption")]
public sealed record Preemption
{
    [Id(0)] public AttemptId Victim { get; init; }

    [Id(1)] public PreemptionTrigger Trigger { get; init; }

    /// <summary>For whom: an attempt, a window, a reservation, an account, by its text.</summary>
    [Id(2)] public string For { get; init; } = "";

    /// <summary>It checkpoints, and is gone by then.</summary>
    [Id(3)] public DateTimeOffset StopBy { get; init; }

    /// <summary>Work that is lost if it does not checkpoint first, plus its restart.</summary>
    [Id(4)] public TimeSpan Cost { get; init; }

    /// <summary>It is moved at a checkpoint with little lost, which protection allows (a relocation), and not preempted.</summary>
    [Id(5)] public bool Relocation { get; init; }

    /// <summary>What becomes of it.</summary>
    [Id(6)] public PreemptionAction Action { get; init; }

    /// <summary>Why it and no other, in words.</summary>
    [Id(7)] public string Reason { get; init; } = "";

    /// <summary>It asks for protection that it does not have: its account protects more than it may, or it delayed a major window for as long as it may.</summary>
    [Id(8)] public bool BeyondProtection { get; init; }
}
