using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Orchestrator.Core.Ids;

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

    /// <summary>
    /// The same, of which 50 to 100 % are waited for: all that one file system stopped must not come back to it in the same second. Which part is the same for the same attempt and try,
    /// whoever asks (invariant 11).
    /// </summary>
    /// <param name="first">After the first failure.</param>
    /// <param name="max">The longest.</param>
    /// <param name="tries">From 1.</param>
    /// <param name="attempt">The one that failed.</param>
    public static TimeSpan Backoff(TimeSpan first, TimeSpan max, int tries, AttemptId attempt) =>
        Backoff(first, max, tries) * (0.5 + (0.5 * Part(string.Create(CultureInfo.InvariantCulture, $"{attempt} {tries}"))));

    /// <summary>0 to below 1 by the bytes of a text: FNV-1a (Fowler, Noll and Vo, 64 bits), and a last mix, since the texts differ in their last letters.</summary>
    private static double Part(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var part in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ part) * 1099511628211UL;
        }

        hash ^= hash >> 32;
        return (uint)hash / (double)(1UL << 32);
    }
}
