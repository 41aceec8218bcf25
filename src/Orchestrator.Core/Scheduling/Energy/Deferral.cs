using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>
/// Whether, and until when, work is put off to cheaper energy. Never: high and critical work, and what such work waits for; protected work; what runs in a reservation; what has
/// no known duration; and whatever would use up its slack. What has no deadline is put off only if its class is low or background, or it draws much power.
/// <list type="table">
/// <item><term>performance</term><description>nothing</description></item>
/// <item><term>balanced</term><description>to the cheapest start, if its slack was more than one and a half of its duration when it came</description></item>
/// <item><term>efficiency</term><description>to the cheapest start</description></item>
/// <item><term>night savings</term><description>what draws much power by day to the night, the rest to the cheapest start</description></item>
/// </list>
/// </summary>
internal sealed class Deferral(EnergyMode mode, EnergySettings settings, EnergyCalendar? calendar, DateTimeOffset now)
{
    private const double BalancedSlack = 1.5;

    /// <summary>Night is less than this away, whenever it is.</summary>
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public static Deferral Of(ISchedulingView view, DateTimeOffset now)
    {
        var settings = view.Settings.Energy;
        var mode = EnergyModes.InForce(view, now);
        return new(mode, settings, Defers(mode) ? Calendar(view, now) : null, now);
    }

    public bool IsActive => calendar is not null;

    /// <summary>When it had better start, after now; null: now.</summary>
    public DateTimeOffset? Until(PendingRequest request)
    {
        if (calendar is null
            || request.Priority >= PriorityClass.High || request.Inherited >= PriorityClass.High
            || request.Protected || request.Reservation.Length > 0
            || (request.DurationExpected ?? request.DurationEstimate) is not { Ticks: > 0 } duration)
        {
            return null;
        }

        var intensive = IsIntensive(request, settings);
        var hold = Longest(request.DurationHigh, request.DurationEstimate, duration);
        var work = request.WorkAhead is { } ahead && ahead > hold ? ahead : hold;
        // In ticks: a deadline or a duration at the end of time must not overflow.
        var latest = Math.Min(
            request.Deadline is { } deadline ? deadline.UtcTicks - settings.DeadlineMargin.Ticks - work.Ticks : long.MaxValue,
            request.Deadline is null && request.Priority > PriorityClass.Low && !request.EnergyIntensive ? 0
            : request.QueuedSince.UtcTicks + (request.Deadline is null ? settings.MaxDeferral : settings.MaxDeferralWithDeadline).Ticks);
        if (mode == EnergyMode.NightSavings && intensive && !settings.IsNight(now))
        {
            var night = NextNight();
            var latestNight = request.Deadline is null ? request.QueuedSince.UtcTicks + Day.Ticks : latest;
            if (night.UtcTicks <= latestNight)
            {
                return night;
            }
        }

        if (latest <= now.UtcTicks || mode == EnergyMode.Balanced && latest - request.QueuedSince.UtcTicks <= BalancedSlack * duration.Ticks)
        {
            return null;
        }

        var best = calendar.CheapestStart(now, new(latest, TimeSpan.Zero), duration);
        return best > now && Saves(calendar.Cost(now, duration), calendar.Cost(best, duration)) ? best : null;
    }

    /// <summary>When the mode, as the clock chooses it, or what it asks for changes; null: never.</summary>
    public DateTimeOffset? NextHourThatCounts() => settings.Automatic || mode == EnergyMode.NightSavings ? settings.IsNight(now) ? NextHour(settings.NightUntil) : NextNight() : null;

    public static bool Defers(EnergyMode mode) => mode is EnergyMode.Balanced or EnergyMode.Efficiency or EnergyMode.NightSavings;

    public static bool IsIntensive(PendingRequest request, EnergySettings settings)
    {
        var wanted = request.Resources;
        return request.EnergyIntensive
            || (double)wanted.Nodes * wanted.RanksPerNode * wanted.Threads >= settings.IntensiveCores
            || wanted.GpusPerNode > 0 && wanted.MemoryPerNode >= settings.IntensiveGpuMemory;
    }

    /// <summary>The prices that somebody set, or else those of the settings' tariff, as far as anything may be put off.</summary>
    internal static EnergyCalendar Calendar(ISchedulingView view, DateTimeOffset now) =>
        new(view.Context.Energy.Prices is { IsDefaultOrEmpty: false } known
            ? known
            : view.Settings.Energy.Tariff.Prices(now, now + view.Settings.Energy.MaxDeferralWithDeadline + Day));

    private static TimeSpan Longest(TimeSpan? high, TimeSpan? estimate, TimeSpan duration)
    {
        // The limit says when it is stopped, what was learned when it is done: the slack must hold what it may really take.
        var hold = high ?? estimate ?? duration;
        return hold > duration ? hold : duration;
    }

    private bool Saves(double atOnce, double later) => atOnce - later > settings.LeastSaving * Math.Abs(atOnce);

    private DateTimeOffset NextNight() => NextHour(settings.NightFrom);

    private DateTimeOffset NextHour(int hour)
    {
        var local = now.ToOffset(settings.UtcOffset);
        var at = new DateTimeOffset(local.Date, settings.UtcOffset).AddHours(hour);
        return (at > now ? at : at.AddDays(1)).ToUniversalTime();
    }
}
