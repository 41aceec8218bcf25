namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>How shares are held.</summary>
public sealed record ShareSettings
{
    /// <summary>Accounts may use what others lend.</summary>
    public bool Borrowing { get; init; } = true;

    /// <summary>A lender that waits so long for its own gets it back by preemption of borrowers; null: only as they end.</summary>
    public TimeSpan? ReclaimAfter { get; init; } = TimeSpan.FromMinutes(10);
}
