using System.Collections.Immutable;
using MathNet.Numerics.Distributions;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>Burns a grant down: what was used, what will be with what probability, when it runs out, what expires, and what each pull-back would take.</summary>
public static class GrantPlanner
{
    /// <param name="grant">It has no <see cref="Grant.Problems"/>.</param>
    /// <param name="used">By day; what lies before the grant does not count against it, but is learned from.</param>
    /// <param name="options">Planned work and the calendar; the horizon is that of the grant.</param>
    /// <exception cref="ForecastException">The grant is wrong, with all that is; or the series is not by day.</exception>
    public static GrantPlan Plan(Grant grant, TimeSeries used, ForecastOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(grant);
        ArgumentNullException.ThrowIfNull(used);
        if (grant.Problems() is { IsEmpty: false } problems)
        {
            throw new ForecastException(string.Join("; ", problems));
        }

        if (used.Step != SeriesStep.Day)
        {
            throw new ForecastException($"{grant.Name}: a grant is planned by days, not by steps of a {used.Step.ToString().ToLowerInvariant()}");
        }

        var now = SeriesCalendar.StartOf(used.Next, SeriesStep.Day);
        var first = SeriesCalendar.IndexOf(grant.From, SeriesStep.Day);
        var burnt = ImmutableArray.CreateBuilder<ForecastPoint>();
        var sum = 0.0;
        for (var at = 0; at < used.Values.Length; at++)
        {
            var time = SeriesCalendar.StartOf(used.First + at, SeriesStep.Day);
            if (used.First + at >= first && time < grant.Until)
            {
                sum += used.Values[at];
                burnt.Add(new ForecastPoint(time, sum, sum, sum));
            }
        }

        var days = (int)Math.Ceiling((grant.Until - (now > grant.From ? now : grant.From)).TotalDays);
        var wait = Math.Max(0, (int)Math.Ceiling((grant.From - now).TotalDays));
        var plan = new GrantPlan
        {
            Name = grant.Name,
            Allocation = grant.Allocation,
            Used = sum,
            TimeOver = Math.Clamp((now - grant.From) / (grant.Until - grant.From), 0, 1),
            BurnDown = burnt.ToImmutable(),
            AtEnd = new ForecastRange(sum, sum, sum),
        };
        return days <= 0 ? Over(grant, plan) : Ahead(grant, plan, used, (options ?? new ForecastOptions()) with { Horizon = wait + days }, now, wait);
    }

    private static GrantPlan Over(Grant grant, GrantPlan plan) => plan with
    {
        ExpiresExpected = Math.Max(0, grant.Allocation - plan.Used),
        LikelyToExpire = plan.Used < grant.Allocation ? 1 : 0,
        LikelyToRunOut = plan.Used >= grant.Allocation ? 1 : 0,
        PullBacks = [.. grant.PullBacks.OrderBy(static each => each.At).Select(each => Past(grant, plan, each))],
        Notes = ["the grant is over"],
    };

    private static GrantPlan Ahead(Grant grant, GrantPlan plan, TimeSeries used, ForecastOptions options, DateTimeOffset now, int wait)
    {
        var forecast = Forecaster.Forecast(used, options);
        var ahead = forecast.Points[wait..];
        var days = ahead.Length;

        // The whole is known with its interval; what of it is certain by a day grows with the days.
        var total = ahead.Sum(static point => point.Value);
        var whole = Width(forecast) * (days / (double)forecast.Points.Length);
        var points = plan.BurnDown.ToBuilder();
        var sum = plan.Used;
        DateTimeOffset? runsOut = plan.Used >= grant.Allocation ? now : null, earliest = runsOut;
        for (var day = 0; day < days; day++)
        {
            sum += ahead[day].Value;
            var deviation = whole * (day + 1) / days;
            var spread = Spread(options.Level) * deviation;
            var end = ahead[day].Time.AddDays(1);
            points.Add(new ForecastPoint(ahead[day].Time, sum, Math.Max(plan.Used, sum - spread), sum + spread));
            runsOut ??= sum >= grant.Allocation ? end : null;
            earliest ??= sum + spread >= grant.Allocation ? end : null;
        }

        var atEnd = plan.Used + total;
        var burnDown = points.ToImmutable();
        var (short_, missing) = Shortfall(grant.Allocation, atEnd, whole);
        var risks = grant.PullBacks.OrderBy(static each => each.At).Select(each => each.At <= now ? Past(grant, plan, each) : Coming(grant, plan, each, burnDown, now, whole, days, options.Level)).ToImmutableArray();
        return plan with
        {
            AtEnd = new ForecastRange(atEnd, burnDown[^1].Lower, burnDown[^1].Upper),
            LikelyToExpire = short_,
            ExpiresExpected = missing,
            LikelyToRunOut = 1 - short_,
            RunsOutAt = runsOut,
            RunsOutEarliest = earliest,
            RateToUseAll = Math.Max(0, grant.Allocation - plan.Used) / days,
            RateExpected = total / days,
            PullBacks = risks,
            BurnDown = burnDown,
            Advice = Advice(grant, plan, risks, short_, missing, runsOut, total / days, days),
            Notes = forecast.Notes,
        };
    }

    private static ImmutableArray<string> Advice(Grant grant, GrantPlan plan, ImmutableArray<PullBackRisk> risks, double expires, double missing, DateTimeOffset? runsOut, double rate, int days)
    {
        var advice = ImmutableArray.CreateBuilder<string>();
        foreach (var risk in risks)
        {
            if (risk is { RateNeeded: { } needed, Likely: > 0.2 })
            {
                var expected = rate > 0 ? FormattableString.Invariant($"{needed / rate:0.0#} times as much as expected") : "nothing is expected";
                advice.Add(FormattableString.Invariant($"use {needed:#,0.#} a day until {risk.At:yyyy-MM-dd} ({expected}), or {risk.AtRisk:#,0} are at risk"));
            }
        }

        if (runsOut is { } at)
        {
            advice.Add(FormattableString.Invariant($"it runs out on {at:yyyy-MM-dd}, {(grant.Until - at).TotalDays:0} days before its end: ask for more, or save {Math.Max(0, rate - (Math.Max(0, grant.Allocation - plan.Used) / days)):#,0.#} a day"));
        }
        else if (expires > 0.5)
        {
            advice.Add(FormattableString.Invariant($"{missing:#,0} are expected to expire: start planned work earlier, or give them back in time"));
        }

        return advice.ToImmutable();
    }

    private static PullBackRisk Past(Grant grant, GrantPlan plan, PullBack each)
    {
        var used = plan.BurnDown.LastOrDefault(point => point.Time < each.At).Value;
        var needed = each.UsedAtLeast * grant.Allocation;
        return new PullBackRisk { At = each.At, Needed = needed, Used = new ForecastRange(used, used, used), Likely = used < needed ? 1 : 0, AtRisk = each.Takes * Math.Max(0, needed - used) };
    }

    private static PullBackRisk Coming(Grant grant, GrantPlan plan, PullBack each, ImmutableArray<ForecastPoint> burnDown, DateTimeOffset now, double whole, int days, double level)
    {
        var point = burnDown.Last(candidate => candidate.Time < each.At);
        var needed = each.UsedAtLeast * grant.Allocation;
        var deviation = whole * Math.Clamp((each.At - (now > grant.From ? now : grant.From)).TotalDays / days, 0, 1);
        var (likely, missing) = Shortfall(needed, point.Value, deviation);
        var spread = Spread(level) * deviation;
        return new PullBackRisk
        {
            At = each.At,
            Needed = needed,
            Used = new ForecastRange(point.Value, Math.Max(plan.Used, point.Value - spread), point.Value + spread),
            Likely = likely,
            AtRisk = each.Takes * missing,

            // Before it begins nothing can be used of it.
            RateNeeded = Math.Max(0, needed - plan.Used) / Math.Max(1, (each.At - (now > grant.From ? now : grant.From)).TotalDays),
        };
    }

    /// <summary>How likely less than wanted comes, and how much is missing on average, when what comes is normally distributed: E max(0, w - X) = (w - m) Φ(z) + s φ(z), z = (w - m) / s.</summary>
    internal static (double Likely, double Missing) Shortfall(double wanted, double expected, double deviation)
    {
        if (deviation <= 0)
        {
            return (expected < wanted ? 1 : 0, Math.Max(0, wanted - expected));
        }

        var z = (wanted - expected) / deviation;
        var likely = Normal.CDF(0, 1, z);
        return (likely, Math.Max(0, ((wanted - expected) * likely) + (deviation * Normal.PDF(0, 1, z))));
    }

    /// <summary>The standard deviation of the total that its interval stands for.</summary>
    internal static double Width(SeriesForecast forecast) => (forecast.Total.Upper - forecast.Total.Lower) / 2 / Spread(forecast.Level);

    internal static double Spread(double level) => Normal.InvCDF(0, 1, (1 + level) / 2);
}
