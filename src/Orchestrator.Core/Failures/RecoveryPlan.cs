using System.Collections.Immutable;

namespace Orchestrator.Core.Failures;

/// <summary>Chooses among the strategies of a kind.</summary>
public static class RecoveryPlan
{
    /// <summary>The first strategy of the list that was not tried yet and makes sense; once all were, the list begins anew. <see cref="RecoveryStrategy.Restart"/> where none makes sense.</summary>
    /// <param name="strategies">In order.</param>
    /// <param name="tried">What was done after failures of this kind, oldest first.</param>
    /// <param name="makesSense">Whether there is something to restore, to reconfigure, to go to; null: everything does.</param>
    public static RecoveryStrategy Next(ImmutableArray<RecoveryStrategy> strategies, IEnumerable<RecoveryStrategy> tried, Func<RecoveryStrategy, bool>? makesSense = null)
    {
        ArgumentNullException.ThrowIfNull(tried);
        RecoveryStrategy[] open = [.. strategies.Where(strategy => makesSense is null || makesSense(strategy)).Distinct()];
        if (open.Length == 0)
        {
            return RecoveryStrategy.Restart;
        }

        // Each is tried once before one comes a second time.
        var counts = tried.Where(open.Contains).GroupBy(static strategy => strategy).ToDictionary(static group => group.Key, static group => group.Count());
        return open.MinBy(strategy => counts.GetValueOrDefault(strategy));
    }

    /// <summary>Doubles with each try, up to the longest.</summary>
    /// <param name="first">After the first failure.</param>
    /// <param name="max">The longest.</param>
    /// <param name="tries">From 1.</param>
    public static TimeSpan Backoff(TimeSpan first, TimeSpan max, int tries)
    {
        var ticks = first.Ticks * Math.Pow(2, Math.Clamp(tries - 1, 0, 60));
        return ticks < max.Ticks ? TimeSpan.FromTicks((long)ticks) : max;
    }
}
