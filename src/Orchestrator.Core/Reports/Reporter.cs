using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Analysis;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Forecasting.Series;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Reports;

/// <summary>Makes reports of what was used. The same records give the same report, with the same id.</summary>
public static class Reporter
{
    /// <exception cref="ForecastException">There is nothing to report of, or what is asked is out of its range.</exception>
    public static Report Make(ReportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Records.IsDefaultOrEmpty)
        {
            throw new ForecastException("nothing was used: there is nothing to report");
        }

        if (request.Cores is <= 0)
        {
            throw new ForecastException(FormattableString.Invariant($"the machine has {request.Cores} cores; allowed: above 0"));
        }

        var report = request.Kind switch
        {
            ReportKind.Utilization => Utilization(request),
            ReportKind.Forecast => OfForecast(request),
            ReportKind.Efficiency => Efficiency(request),
            ReportKind.Comparison => Comparison(request),
            ReportKind.Grant => OfGrants(request),
            ReportKind.Capacity => Capacity(request),
            ReportKind.Recommendation => Recommendations(request),
            _ => throw new ForecastException($"a report of kind {request.Kind} is not made of use; allowed: utilization, forecast, efficiency, comparison, grant, capacity, recommendation"),
        };
        return Named(report with { Kind = request.Kind, At = request.Records.Max(static record => record.Until), Notes = report.Notes.AddRange(request.Notes) });
    }

    /// <summary>With an id of its content.</summary>
    public static Report Named(Report report)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        ReportWriter.Write(text, report with { Id = "" }, ReportFormat.Json);
        return report with { Id = $"{ReportWriter.NameOf(report.Kind)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12]}" };
    }

    private static Report Utilization(ReportRequest request)
    {
        var all = JobMeasures.Of(request.Records, request.Rates);
        var days = CoreHours(request.Records, SeriesStep.Day);
        var months = CoreHours(request.Records, SeriesStep.Month);
        var capacity = request.Cores * 24;
        var described = UsageAnalysis.Describe(days.Values.AsSpan());
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<object?>>();
        for (var at = 0; at < months.Values.Length; at++)
        {
            var index = months.First + at;
            var (start, end) = (SeriesCalendar.StartOf(index, SeriesStep.Month), SeriesCalendar.StartOf(index + 1, SeriesStep.Month));
            var ended = JobMeasures.Of(request.Records.Where(record => record.Until > start && record.Until <= end), request.Rates);
            rows.Add([start, (double)ended.Jobs, months.Values[at], request.Cores is { } cores ? months.Values[at] / (cores * (end - start).TotalHours) : null, ended.WaitHours, ended.ExpansionFactor, ended.Size, ended.SizeByUse, ended.Efficiency, ended.Cost]);
        }

        var summary = ImmutableArray.CreateBuilder<string>();
        summary.Add(string.Create(CultureInfo.InvariantCulture, $"{all.Jobs:#,0} jobs used {all.CoreHours:#,0} core-hours, {described.Mean:#,0} a day; nine of ten days were below {described.P90:#,0}"));
        if (capacity is { } most)
        {
            summary.Add(string.Create(CultureInfo.InvariantCulture, $"{described.Mean / most:0.0 %} of {request.Cores:#,0} cores were in use"));
        }

        if (all.WaitHours is { } wait)
        {
            summary.Add(string.Create(CultureInfo.InvariantCulture, $"jobs waited {wait:0.##} h on average; the expansion factor was {all.ExpansionFactor:0.##}"));
        }

        var growth = UsageAnalysis.GrowthPerDay(days);
        summary.Add(string.Create(CultureInfo.InvariantCulture, $"use is {UsageAnalysis.PatternOf(days).ToString().ToLowerInvariant()}, {growth:+0.###;-0.###;0} % a day"));
        return new Report
        {
            Title = "Utilization",
            Summary = summary.ToImmutable(),
            Tables =
            [
                new() { Name = "months", Columns = ["month", "jobs", "core_hours", "utilization", "wait_hours", "expansion_factor", "job_size", "job_size_by_core_hours", "cpu_efficiency", "cost"], Rows = rows.ToImmutable() },
                ByName(request),
                Anomalies(days),
            ],
            Plots = [new() { Title = "Use by day", Unit = "core-hours a day", Lines = [Line("used", days), .. capacity is { } line ? [Level("capacity", days, line)] : Array.Empty<ReportLine>()] }],
        };
    }

    /// <summary>The forecast of core-hours by day that a report of it tells: for whoever keeps it, to compare it with what comes.</summary>
    /// <exception cref="ForecastException">There is nothing to forecast from, or what is asked is out of its range.</exception>
    public static SeriesForecast ForecastOf(ReportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Forecaster.Forecast(CoreHours(request.Records, SeriesStep.Day), new ForecastOptions { Horizon = request.Horizon, Planned = DemandReport.Work(request, static each => each.CoreHours, withMore: false) });
    }

    private static Report OfForecast(ReportRequest request)
    {
        var days = CoreHours(request.Records, SeriesStep.Day);
        var forecast = request.Forecast ?? ForecastOf(request);
        var gpu = request.Records.Any(static record => record.Amounts.Gpus > 0)
            ? Forecaster.Forecast(
                UsageTimeline.Of(request.Records, static amounts => amounts.Gpus / 3600, SeriesStep.Day),
                new ForecastOptions { Horizon = request.Horizon, Planned = DemandReport.Work(request, static each => each.GpuHours, withMore: false) })
            : null;
        var planned = DemandReport.Planned(request, forecast);
        var peak = forecast.Points.MaxBy(static point => point.Value);
        var cost = forecast.Total.Value * request.Rates.CoreHour;
        var rows = forecast.Points.Select((point, at) => (ImmutableArray<object?>)
            [point.Time, point.Value, point.Lower, point.Upper, gpu?.Points[at].Value, gpu?.Points[at].Lower, gpu?.Points[at].Upper, planned[at]]);
        var months = forecast.Points.Zip(Enumerable.Range(0, forecast.Points.Length)).GroupBy(static each => SeriesCalendar.IndexOf(each.First.Time, SeriesStep.Month));
        return new Report
        {
            Title = FormattableString.Invariant($"Forecast of {request.Horizon} days"),
            Summary =
            [
                FormattableString.Invariant($"{forecast.Total.Value:#,0} core-hours are expected in {request.Horizon} days ({forecast.Total.Lower:#,0} to {forecast.Total.Upper:#,0} with {forecast.Level:0 %}), which cost {cost:#,0}"),
                .. DemandReport.Tell(request, planned),
                FormattableString.Invariant($"the peak is {peak.Value:#,0} a day on {peak.Time:yyyy-MM-dd}"),
                $"by {forecast.Method}: {forecast.Reason}",
            ],
            Tables =
            [
                new() { Name = "days", Columns = ["date", "cpu_forecast", "cpu_lower", "cpu_upper", "gpu_forecast", "gpu_lower", "gpu_upper", "cpu_planned"], Rows = [.. rows] },
                new()
                {
                    Name = "totals",
                    Columns = ["resource", "peak", "total", "total_lower", "total_upper", "method"],
                    Rows =
                    [
                        ["cpu", peak.Value, forecast.Total.Value, forecast.Total.Lower, forecast.Total.Upper, forecast.Method],
                        .. gpu is null ? Array.Empty<ImmutableArray<object?>>() : [["gpu", gpu.Points.Max(static point => point.Value), gpu.Total.Value, gpu.Total.Lower, gpu.Total.Upper, gpu.Method]],
                    ],
                },
                new() { Name = "months", Columns = ["month", "cpu_forecast"], Rows = [.. months.Select(static month => (ImmutableArray<object?>)[SeriesCalendar.StartOf(month.Key, SeriesStep.Month), month.Sum(static each => each.First.Value)])] },
                .. DemandReport.Tables(request),
                .. DemandReport.WhatIf(request, days, forecast),
            ],
            Plots = [new() { Title = "Use and forecast", Unit = "core-hours a day", Lines = [Line("used", Last(days, 2 * request.Horizon)), Line("forecast", forecast)] }],
            Notes = forecast.Notes,
        };
    }

    private static Report Efficiency(ReportRequest request)
    {
        var all = JobMeasures.Of(request.Records, request.Rates);
        var groups = Groups(request).Select(each => (each.Name, Measures: JobMeasures.Of(each.Records, request.Rates))).OrderByDescending(static each => each.Measures.WastedHours).ThenBy(static each => each.Name, StringComparer.Ordinal);
        return new Report
        {
            Title = "Efficiency",
            Summary = all.Efficiency is { } part
                ? [string.Create(CultureInfo.InvariantCulture, $"processors worked in {part:0.0 %} of the core-time that was held; {all.WastedHours:#,0} core-hours were idle, which cost {all.WastedHours * request.Rates.CoreHour:#,0}")]
                : ["nobody measured in how much of their time processors worked"],
            Tables =
            [
                new()
                {
                    Name = UsageBook.NameOf(request.By) + "s",
                    Columns = [UsageBook.NameOf(request.By), "jobs", "core_hours", "cpu_efficiency", "idle_core_hours", "wait_hours", "expansion_factor", "job_size", "asked_to_used_time"],
                    Rows = [.. groups.Take(request.Rows).Select(each => (ImmutableArray<object?>)[each.Name, (double)each.Measures.Jobs, each.Measures.CoreHours, each.Measures.Efficiency, each.Measures.WastedHours, each.Measures.WaitHours, each.Measures.ExpansionFactor, each.Measures.Size, Asked(request, each.Name)])],
                },
            ],
        };
    }

    private static Report Comparison(ReportRequest request)
    {
        var groups = Groups(request).Select(each => (each.Name, each.Records, Measures: JobMeasures.Of(each.Records, request.Rates))).OrderByDescending(static each => each.Measures.CoreHours).ThenBy(static each => each.Name, StringComparer.Ordinal).Take(request.Rows).ToArray();
        var end = request.Records.Max(static record => record.Until);
        var months = groups.Take(6).Select(each => UsageTimeline.Of(each.Records, static amounts => amounts.Cores / 3600, SeriesStep.Week, end, each.Name)).ToArray();
        return new Report
        {
            Title = $"Comparison by {UsageBook.NameOf(request.By)}",
            Summary = groups.Length < 2
                ? [$"there is only one {UsageBook.NameOf(request.By)}: nothing to compare"]
                : [string.Create(CultureInfo.InvariantCulture, $"{groups[0].Name} used most, {groups[0].Measures.CoreHours:#,0} core-hours; {groups[^1].Name} least of these, {groups[^1].Measures.CoreHours:#,0}")],
            Tables =
            [
                new()
                {
                    Name = UsageBook.NameOf(request.By) + "s",
                    Columns = [UsageBook.NameOf(request.By), "jobs", "core_hours", "share", "growth_percent_per_day", "pattern", "cpu_efficiency", "wait_hours", "expansion_factor", "cost"],
                    Rows =
                    [
                        .. groups.Select(each =>
                        {
                            var days = UsageTimeline.Of(each.Records, static amounts => amounts.Cores / 3600, SeriesStep.Day, end, each.Name);
                            return (ImmutableArray<object?>)
                            [
                                each.Name, (double)each.Measures.Jobs, each.Measures.CoreHours, each.Measures.CoreHours / Math.Max(1e-9, request.Records.Sum(static record => record.Amounts.Cores) / 3600), UsageAnalysis.GrowthPerDay(days),
                                UsageAnalysis.PatternOf(days).ToString().ToLowerInvariant(), each.Measures.Efficiency, each.Measures.WaitHours, each.Measures.ExpansionFactor, each.Measures.Cost,
                            ];
                        }),
                    ],
                },
            ],
            Plots = [new() { Title = "Use by week", Unit = "core-hours a week", Lines = [.. months.Select(series => Line(series.Name, series))] }],
        };
    }

    private static Report OfGrants(ReportRequest request)
    {
        if (request.Grants.IsDefaultOrEmpty)
        {
            throw new ForecastException("no grant is given: name it, its allocation, start and end, and the agency's pull-back dates");
        }

        var days = CoreHours(request.Records, SeriesStep.Day);
        var known = new ForecastOptions { Planned = DemandReport.Work(request, static each => each.CoreHours, withMore: false) };
        var plans = request.Grants.Select(grant => (Grant: grant, Plan: GrantPlanner.Plan(grant, days, known))).ToArray();
        var cost = request.Rates.CoreHour;
        return new Report
        {
            Title = "Grants",
            Summary = [.. plans.SelectMany(static each => each.Plan.Advice.Select(line => $"{each.Grant.Name}: {line}")), .. DemandReport.Tell(request, plans, days)],
            Tables =
            [
                new()
                {
                    Name = "grants",
                    Columns = ["grant", "allocation", "used", "time_over", "expected_at_end", "lower", "upper", "probability_runs_out", "runs_out", "earliest", "probability_expires", "expected_to_expire", "rate_expected", "rate_to_use_all", "cost_total", "planned"],
                    Rows =
                    [
                        .. plans.Select(each => (ImmutableArray<object?>)
                        [
                            each.Plan.Name, each.Plan.Allocation, each.Plan.Used, each.Plan.TimeOver, each.Plan.AtEnd.Value, each.Plan.AtEnd.Lower, each.Plan.AtEnd.Upper, each.Plan.LikelyToRunOut, each.Plan.RunsOutAt,
                            each.Plan.RunsOutEarliest, each.Plan.LikelyToExpire, each.Plan.ExpiresExpected, each.Plan.RateExpected, each.Plan.RateToUseAll, each.Plan.AtEnd.Value * (each.Grant.CostPerUnit ?? cost),
                            DemandReport.Within(request, days, each.Grant.Until),
                        ]),
                    ],
                },
                new()
                {
                    Name = "pull_backs",
                    Columns = ["grant", "date", "needed", "used_by_then", "lower", "upper", "probability_too_little", "hours_at_risk", "rate_needed"],
                    Rows = [.. plans.SelectMany(static each => each.Plan.PullBacks.Select(risk => (ImmutableArray<object?>)[each.Plan.Name, risk.At, risk.Needed, risk.Used.Value, risk.Used.Lower, risk.Used.Upper, risk.Likely, risk.AtRisk, risk.RateNeeded]))],
                },
                .. DemandReport.WhatIf(request, days, plans),
                .. DemandReport.Tables(request),
                Breakdown(request),
            ],
            Plots = [.. plans.Select(static each => new ReportPlot
            {
                Title = $"{each.Grant.Name}: used of {each.Grant.Allocation.ToString("#,0", CultureInfo.InvariantCulture)}",
                Unit = "core-hours",
                Lines =
                [
                    new() { Name = "used and expected", Times = [.. each.Plan.BurnDown.Select(static point => point.Time)], Values = [.. each.Plan.BurnDown.Select(static point => point.Value)], Lower = [.. each.Plan.BurnDown.Select(static point => point.Lower)], Upper = [.. each.Plan.BurnDown.Select(static point => point.Upper)] },
                    new() { Name = "allocation", Times = [each.Grant.From, each.Grant.Until], Values = [each.Grant.Allocation, each.Grant.Allocation], IsDashed = true },
                    new() { Name = "even use", Times = [each.Grant.From, each.Grant.Until], Values = [0, each.Grant.Allocation], IsDashed = true },
                ],
            })],
            Notes = [.. plans.SelectMany(static each => each.Plan.Notes).Distinct()],
        };
    }

    private static Report Capacity(ReportRequest request)
    {
        var cores = request.Cores ?? throw new ForecastException("the machine's cores are not known: say how many there are");
        var days = CoreHours(request.Records, SeriesStep.Day);
        var forecast = ForecastOf(request);
        var planned = DemandReport.Planned(request, forecast);

        // Above 90 % of a machine waits grow without end; so that counts as run out.
        var plan = CapacityPlanner.Plan(forecast, "cpu", cores * 24, 0.9);
        return new Report
        {
            Title = FormattableString.Invariant($"Capacity for {request.Horizon} days"),
            Summary =
            [
                plan.RunsOutAt is { } at ? FormattableString.Invariant($"cpu more likely runs out than not from {at:yyyy-MM-dd} on") : FormattableString.Invariant($"cpu most likely suffices for {request.Horizon} days"),
                FormattableString.Invariant($"in the worst day demand is above 90 % of {cores:#,0} cores with probability {plan.Likely:0.0 %}{(plan.RunsOutEarliest is { } early ? FormattableString.Invariant($", in one of ten futures from {early:yyyy-MM-dd} on") : "")}"),
                FormattableString.Invariant($"{Math.Ceiling(plan.NeededForPeak / 24):#,0} cores would carry the upper end of every day"),
                .. DemandReport.Tell(request, planned),
                "demand is what was used: what waited because nothing was free is not seen in it",
            ],
            Tables =
            [
                new() { Name = "days", Columns = ["date", "demand_core_hours", "utilization", "probability_runs_out", "planned_core_hours"], Rows = [.. plan.Points.Select((point, at) => (ImmutableArray<object?>)[point.Time, point.Demand, point.Utilization, point.Likely, planned[at]])] },
                new() { Name = "resources", Columns = ["resource", "capacity_per_day", "limit_per_day", "probability_runs_out", "runs_out", "earliest", "cores_for_peak", "used_per_day", "unit_cost"], Rows = [["cpu", plan.Capacity, plan.Limit, plan.Likely, plan.RunsOutAt, plan.RunsOutEarliest, Math.Ceiling(plan.NeededForPeak / 24), Last(days, 28).Values.Average(), request.Rates.CoreHour]] },
                .. DemandReport.WhatIf(request, days, plan, cores),
                .. DemandReport.Tables(request),
            ],
            Plots = [new() { Title = "Demand and capacity", Unit = "core-hours a day", Lines = [Line("used", Last(days, 2 * request.Horizon)), Line("expected", forecast), new() { Name = "capacity", Times = [SeriesCalendar.StartOf(Last(days, 2 * request.Horizon).First, SeriesStep.Day), forecast.Points[^1].Time], Values = [cores * 24, cores * 24], IsDashed = true }] }],
            Notes = forecast.Notes,
        };
    }

    private static Report Recommendations(ReportRequest request)
    {
        var advice = RightSizing.Of(request.Records, request.Goal, request.Timeframe, request.Rates);
        return new Report
        {
            Title = "Recommendations",
            Summary = advice.IsEmpty
                ? ["nothing is far enough from what was used to be changed"]
                : [string.Create(CultureInfo.InvariantCulture, $"{advice.Length} recommendations for {Recommendation.NameOf(request.Goal)}, {Recommendation.NameOf(request.Timeframe)}; together they save {advice.Sum(static each => each.Saves):#,0.##}")],
            Tables =
            [
                new()
                {
                    Name = "recommendations",
                    Columns = ["simulation", "resource", "current", "recommended", "unit", "change_percent", "confidence", "saves", "goal", "timeframe", "justification"],
                    Rows = [.. advice.Take(request.Rows).Select(static each => (ImmutableArray<object?>)[each.Subject, each.Resource, each.Current, each.Recommended, each.Unit, each.ChangePercent, each.Confidence, each.Saves, Recommendation.NameOf(each.Goal), Recommendation.NameOf(each.Timeframe), each.Justification])],
                },
            ],
        };
    }

    private static ReportTable ByName(ReportRequest request) => new()
    {
        Name = UsageBook.NameOf(request.By) + "s",
        Columns = [UsageBook.NameOf(request.By), "jobs", "core_hours", "gpu_hours", "wait_hours", "expansion_factor", "job_size", "cpu_efficiency", "cost"],
        Rows =
        [
            .. Groups(request).Select(each => (each.Name, Measures: JobMeasures.Of(each.Records, request.Rates))).OrderByDescending(static each => each.Measures.CoreHours).ThenBy(static each => each.Name, StringComparer.Ordinal).Take(request.Rows)
                .Select(static each => (ImmutableArray<object?>)[each.Name, (double)each.Measures.Jobs, each.Measures.CoreHours, each.Measures.GpuHours, each.Measures.WaitHours, each.Measures.ExpansionFactor, each.Measures.Size, each.Measures.Efficiency, each.Measures.Cost]),
        ],
    };

    /// <summary>What each resource cost.</summary>
    private static ReportTable Breakdown(ReportRequest request)
    {
        var total = request.Records.Aggregate(UsageAmounts.None, static (sum, record) => sum + record.Amounts);
        var rates = request.Rates;
        return new()
        {
            Name = "cost_breakdown",
            Columns = ["resource", "amount", "unit", "cost"],
            Rows =
            [
                ["cpu", total.Cores / 3600, "core-hours", rates.CostOf(new() { Cores = total.Cores })],
                ["gpu", total.Gpus / 3600, "GPU-hours", rates.CostOf(new() { Gpus = total.Gpus })],
                ["memory", total.Memory / 3600 / (1 << 30), "GiB-hours", rates.CostOf(new() { Memory = total.Memory })],
                ["storage", total.Storage / (1 << 30), "GiB", rates.CostOf(new() { Storage = total.Storage })],
                ["energy", total.Energy / 3.6e6, "kWh", rates.CostOf(new() { Energy = total.Energy })],
                ["total", null, "", rates.CostOf(total)],
            ],
        };
    }

    private static ReportTable Anomalies(TimeSeries days) => new()
    {
        Name = "unusual_days",
        Columns = ["date", "core_hours", "z", "is_high"],
        Rows = [.. UsageAnalysis.Anomalies(days).OrderByDescending(static each => Math.Abs(each.Score)).Take(20).Select(static each => (ImmutableArray<object?>)[each.Time, each.Value, each.Score, each.IsHigh])],
    };

    private static IEnumerable<(string Name, UsageRecord[] Records)> Groups(ReportRequest request) =>
        UsageNames.Each(request.Records, request.By).GroupBy(static each => each.Name, static each => each.Record, StringComparer.Ordinal).Select(static group => (group.Key.Length == 0 ? "(none)" : group.Key, group.ToArray()));

    private static double? Asked(ReportRequest request, string name)
    {
        double asked = 0, used = 0;
        foreach (var record in request.Records)
        {
            if (record.Limit is { } limit && (UsageNames.Of(record, request.By) is { Length: > 0 } own ? own : "(none)") == name)
            {
                asked += limit.TotalSeconds;
                used += (record.Until - record.From).TotalSeconds;
            }
        }

        return used > 0 ? asked / used : null;
    }

    private static TimeSeries CoreHours(ImmutableArray<UsageRecord> records, SeriesStep step) => UsageTimeline.Of(records, static amounts => amounts.Cores / 3600, step);

    private static TimeSeries Last(TimeSeries series, int count)
    {
        var skip = Math.Max(0, series.Values.Length - count);
        return series with { First = series.First + skip, Values = series.Values[skip..] };
    }

    private static ReportLine Line(string name, TimeSeries series) => new() { Name = name, Times = [.. Enumerable.Range(0, series.Values.Length).Select(at => SeriesCalendar.StartOf(series.First + at, series.Step))], Values = series.Values };

    private static ReportLine Line(string name, SeriesForecast forecast) => new()
    {
        Name = name,
        Times = [.. forecast.Points.Select(static point => point.Time)],
        Values = [.. forecast.Points.Select(static point => point.Value)],
        Lower = [.. forecast.Points.Select(static point => point.Lower)],
        Upper = [.. forecast.Points.Select(static point => point.Upper)],
    };

    private static ReportLine Level(string name, TimeSeries series, double value) =>
        new() { Name = name, Times = [SeriesCalendar.StartOf(series.First, series.Step), SeriesCalendar.StartOf(series.Next, series.Step)], Values = [value, value], IsDashed = true };
}
