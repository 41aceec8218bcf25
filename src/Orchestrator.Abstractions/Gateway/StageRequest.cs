using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>What is asked of one stage.</summary>
public sealed record StageRequest
{
    /// <summary>Why, in the caller's words; kept and shown to others.</summary>
    public string? Reason { get; init; }

    /// <summary>To set a state: completed, failed or soft-failed.</summary>
    public StageStatus Status { get; init; }

    /// <summary>To bypass a dependency: the stage that need not be waited for.</summary>
    public string? From { get; init; }

    /// <summary>To change a stage: what it asks for from its next attempt on; null: as before.</summary>
    public ResourceRequest? Resources { get; init; }

    /// <summary>To change a stage that has not started; absent: as before.</summary>
    public PriorityClass Priority { get; init; }

    /// <summary>To run it again: it goes on from its newest checkpoint that is whole, and only what comes after it begins anew.</summary>
    public bool FromCheckpoint { get; init; }

    /// <summary>The same from the checkpoint of this name, as the catalogue has it; newer ones are passed over.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>To change a stage: the longest time of one segment from its next attempt on, 0 for no limit; null: as before.</summary>
    public TimeSpan? Walltime { get; init; }

    /// <summary>To change a stage: how long the whole of it is thought to take, above 0; null: as before.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>To change a stage: tries after the first, 0 to 100; null: as before.</summary>
    public int? Retries { get; init; }
}
