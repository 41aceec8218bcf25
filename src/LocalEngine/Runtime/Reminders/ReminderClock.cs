namespace Orleans.Local;

/// <summary>When reminders are due.</summary>
internal static class ReminderClock
{
    /// <summary>
    /// The next tick after <paramref name="now"/>: the first, or the next multiple of the period after it. Ticks that passed
    /// while nobody was there are not made up for.
    /// </summary>
    public static DateTime NextTick(ReminderEntry entry, DateTime now, DateTime? last)
    {
        var next = entry.StartAt;
        if (next < now)
        {
            var passed = (now - entry.StartAt).Ticks;
            var beyond = passed % entry.Period.Ticks;
            next = now.AddTicks(beyond == 0 ? 0 : entry.Period.Ticks - beyond);
        }

        // A clock that is a little early must not fire one tick twice.
        return last is { } previous && next <= previous ? previous + entry.Period : next;
    }
}
