using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Forecasting.Series;

namespace Orchestrator.Core.Reports;

/// <summary>The part of reports that is about work which is known in advance, and about what might be submitted.</summary>
internal static class DemandReport
{
    /// <summary>As forecasts take it.</summary>
    /// <param name="request">With what is planned.</param>
    /// <param name="amount">Core-hours or GPU-hours.</param>
    /// <param name="withMore">With what might be submitted, too, on top.</param>
    public static ImmutableArray<PlannedWork> Work(ReportRequest request, Func<PlannedDemand, double> amount, bool withMore) =>
        [.. PlannedDemand.AsWork(request.Planned, amount, isExtra: false), .. withMore ? PlannedDemand.AsWork(request.More, amount, isExtra: true) : []];

    /// <summary>Core-hours of each step that are planned, as far as the forecast has them; null: nothing is known of plans.</summary>
    public static double?[] Planned(ReportRequest request, SeriesForecast forecast)
    {
        var work = Work(request, static each => each.CoreHours, withMore: false);
        return
        [
            .. forecast.Points.Select(point =>
            {
                var (floor, extra) = PlannedSteps.Of(work, SeriesCalendar.IndexOf(point.Time, forecast.Step), forecast.Step);
                return request.Planned.IsEmpty ? (double?)null : Math.Min(point.Value, floor + extra);
            }),
        ];
    }

    public static IEnumerable<string> Tell(ReportRequest request, double?[] planned)
    {
        if (!request.Planned.IsEmpty)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"of which {planned.Sum() ?? 0:#,0} core-hours are planned: {Campaigns(request.Planned)}");
        }
    }

    public static IEnumerable<string> Tell(GrantCase each)
    {
        if (!each.Own.Planned.IsEmpty)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{each.Grant.Name}: of the {Math.Max(0, each.Plan.AtEnd.Value - each.Plan.Used):#,0} expected until its end {Within(each) ?? 0:#,0} are planned: {Campaigns(each.Own.Planned)}");
        }
    }

    /// <summary>Core-hours that are planned from the end of what was measured, or from the start of the grant where that comes later, until its end; null: nothing is known of plans.</summary>
    public static double? Within(GrantCase grant)
    {
        if (grant.Own.Planned.IsEmpty)
        {
            return null;
        }

        var from = Later(SeriesCalendar.StartOf(grant.Days.Next, grant.Days.Step), grant.Grant.From);
        return grant.Own.Planned.Where(static each => each.Until > each.From).Sum(each => each.CoreHours * Math.Max(0, (Earlier(each.Until, grant.Grant.Until) - Later(each.From, from)) / (each.Until - each.From)));
    }

    /// <summary>What is planned, by campaign.</summary>
    public static IEnumerable<ReportTable> Tables(ReportRequest request)
    {
        if (!request.Planned.IsEmpty)
        {
            yield return Table("planned", request.Planned);
        }

        if (!request.More.IsEmpty)
        {
            yield return Table("what_if_submitted", request.More);
        }
    }

    /// <summary>The forecast beside what it were with more.</summary>
    public static IEnumerable<ReportTable> WhatIf(ReportRequest request, TimeSeries days, SeriesForecast forecast)
    {
        if (request.More.IsEmpty)
        {
            yield break;
        }

        var with = Forecaster.Forecast(days, new ForecastOptions { Horizon = request.Horizon, Planned = Work(request, static each => each.CoreHours, withMore: true) });
        yield return new()
        {
            Name = "what_if",
            Columns = ["what", "as_it_is", "if_submitted", "difference"],
            Rows =
            [
                Row("core_hours_total", forecast.Total.Value, with.Total.Value),
                Row("core_hours_total_upper", forecast.Total.Upper, with.Total.Upper),
                Row("core_hours_peak_day", forecast.Points.Max(static point => point.Value), with.Points.Max(static point => point.Value)),
            ],
        };
    }

    /// <summary>The plan of each grant beside what it were with more.</summary>
    public static IEnumerable<ReportTable> WhatIf(ReportRequest request, IReadOnlyCollection<GrantCase> cases)
    {
        if (request.More.IsEmpty)
        {
            yield break;
        }

        yield return new()
        {
            Name = "what_if",
            Columns =
            [
                "grant", "expected_at_end", "expected_at_end_if_submitted", "runs_out", "runs_out_if_submitted", "probability_runs_out", "probability_runs_out_if_submitted", "expected_to_expire", "expected_to_expire_if_submitted",
                "hours_at_risk", "hours_at_risk_if_submitted",
            ],
            Rows =
            [
                .. cases.Select(static each =>
                {
                    var (now, then) = (each.Plan, GrantPlanner.Plan(each.Grant, each.Days, new ForecastOptions { Planned = Work(each.Own, static one => one.CoreHours, withMore: true) }));
                    return (ImmutableArray<object?>)
                    [
                        now.Name, now.AtEnd.Value, then.AtEnd.Value, now.RunsOutAt, then.RunsOutAt, now.LikelyToRunOut, then.LikelyToRunOut, now.ExpiresExpected, then.ExpiresExpected,
                        now.PullBacks.Sum(static risk => risk.AtRisk), then.PullBacks.Sum(static risk => risk.AtRisk),
                    ];
                }),
            ],
        };
    }

    /// <summary>The capacity beside what it were with more.</summary>
    public static IEnumerable<ReportTable> WhatIf(ReportRequest request, TimeSeries days, CapacityPlan plan, double cores)
    {
        if (request.More.IsEmpty)
        {
            yield break;
        }

        var with = CapacityPlanner.Plan(
            Forecaster.Forecast(days, new ForecastOptions { Horizon = request.Horizon, Planned = Work(request, static each => each.CoreHours, withMore: true) }), plan.Resource, cores * 24, plan.Limit / plan.Capacity);
        yield return new()
        {
            Name = "what_if",
            Columns = ["what", "as_it_is", "if_submitted", "difference"],
            Rows =
            [
                Row("probability_runs_out", plan.Likely, with.Likely),
                Row("cores_for_peak", Math.Ceiling(plan.NeededForPeak / 24), Math.Ceiling(with.NeededForPeak / 24)),
                ["runs_out", plan.RunsOutAt, with.RunsOutAt, null],
                ["runs_out_earliest", plan.RunsOutEarliest, with.RunsOutEarliest, null],
            ],
        };
    }

    private static ImmutableArray<object?> Row(string name, double now, double then) => [name, now, then, then - now];

    private static ReportTable Table(string name, ImmutableArray<PlannedDemand> demand) => new()
    {
        Name = name,
        Columns = ["campaign", "project", "simulations", "stages", "running_stages", "from", "until", "core_hours", "gpu_hours"],
        Rows =
        [
            .. demand.GroupBy(static each => (each.Campaign, each.Project)).OrderByDescending(static group => group.Sum(static each => each.CoreHours)).ThenBy(static group => group.Key.Campaign, StringComparer.Ordinal)
                .Select(static group => (ImmutableArray<object?>)
                [
                    group.Key.Campaign.Length > 0 ? group.Key.Campaign : "(none)", group.Key.Project, (double)group.Select(static each => each.Simulation).Distinct().Count(), (double)group.Count(),
                    (double)group.Count(static each => each.Runs), group.Min(static each => each.From), group.Max(static each => each.Until), group.Sum(static each => each.CoreHours), group.Sum(static each => each.GpuHours),
                ]),
        ],
    };

    /// <summary><c>co2-ensemble (12 simulations), heat (1 simulation), and 3 more campaigns</c>.</summary>
    private static string Campaigns(ImmutableArray<PlannedDemand> demand)
    {
        var groups = demand.GroupBy(static each => each.Campaign).OrderByDescending(static group => group.Sum(static each => each.CoreHours)).ThenBy(static group => group.Key, StringComparer.Ordinal).ToArray();
        var named = groups.Take(3).Select(static group =>
        {
            var count = group.Select(static each => each.Simulation).Distinct().Count();
            return string.Create(CultureInfo.InvariantCulture, $"{(group.Key.Length > 0 ? group.Key : "(none)")} ({count} simulation{(count == 1 ? "" : "s")})");
        });
        return string.Join(", ", named) + (groups.Length > 3 ? string.Create(CultureInfo.InvariantCulture, $", and {groups.Length - 3} more campaign{(groups.Length == 4 ? "" : "s")}") : "");
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
