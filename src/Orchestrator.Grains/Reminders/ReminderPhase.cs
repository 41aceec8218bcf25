using System.Text;

namespace Orchestrator.Grains.Reminders;

/// <summary>Spreads the reminders of many grains over their period, so that a start does not wake them all at once.</summary>
internal static class ReminderPhase
{
    /// <summary>From zero to just below the period; the same for a key in every process.</summary>
    public static TimeSpan Of(string key, TimeSpan period)
    {
        // FNV-1a, then a last mix, since keys differ in their last letters.
        var hash = 14695981039346656037UL;
        foreach (var part in Encoding.UTF8.GetBytes(key))
        {
            hash = (hash ^ part) * 1099511628211UL;
        }

        hash ^= hash >> 32;
        return TimeSpan.FromTicks((long)((uint)hash / (double)(1UL << 32) * period.Ticks));
    }
}
