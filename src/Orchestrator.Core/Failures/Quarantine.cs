namespace Orchestrator.Core.Failures;

/// <summary>Keeps work away from a node that comes and goes, the longer the oftener it went.</summary>
public sealed record Quarantine
{
    /// <summary>So many losses within <see cref="Within"/> make a node flap. Default 3.</summary>
    public int LossesMax { get; init; } = 3;

    /// <summary>Default 1 hour.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long the first one lasts; it doubles with each further loss. Default 10 minutes.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Default 1 day.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a node that is back gets no work; null: it may have some.</summary>
    /// <param name="losses">When it was given up, oldest first.</param>
    /// <param name="now">It is back.</param>
    public TimeSpan? Of(IReadOnlyCollection<DateTimeOffset> losses, DateTimeOffset now)
    {
        // What went on in a quarantine counts on from there: its end is no new beginning.
        var flaps = losses.Count(loss => loss > now - Within - Longest);
        var lately = losses.Count(loss => loss > now - Within);
        return lately >= LossesMax ? RecoveryPlan.Backoff(First, Longest, flaps - LossesMax + 1) : null;
    }
}
