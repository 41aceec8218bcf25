namespace Orchestrator.Core.Workflows;

/// <summary>When a deadline can still be kept.</summary>
public static class DeadlineRule
{
    /// <summary>Why a deadline is not one for new work, as a sentence that names the field and what is allowed; null: it is to come, or there is none.</summary>
    public static string? Problem(DateTimeOffset? deadline, DateTimeOffset now) =>
        deadline <= now ? FormattableString.Invariant($"deadline: {deadline:u} is over already; a moment to come is allowed.") : null;
}
