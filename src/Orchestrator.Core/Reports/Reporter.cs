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
    /// <summary>Above 90 % of a machine waits grow without end; so that counts as run out.</summary>
    private const double CapacityUsable = 0.9;

    /// <exception cref="ForecastException">There is nothing to report of, or what is asked is out of its range.</exception>
    public static Report Make(ReportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Records.IsDefaultOrEmpty)
        {
            throw new ForecastException("nothing was used: there is nothing to report");
        }

        foreach (var (what, count) in new[] { ("cores", request.Cores), ("GPUs", request.Gpus), ("bytes of memory", request.Memory) })
        {
            if (count is { } number and not (> 0 and < double.PositiveInfinity))
            {
                throw new ForecastException(FormattableString.Invariant($"the machine has {number} {what}; allowed: above 0"));
            }
        }

        foreach (var (what, rate) in new[]
        {
            ("a core-hour", request.Rates.CoreHour), ("a GPU-hour", request.Rates.GpuHour), ("a GiB-hour of memory", request.Rates.MemoryGiBHour), ("a GiB of storage", request.Rates.StorageGiB), ("a kWh", request.Rates.EnergyKwh),
        })
        {
            if (rate is not (>= 0 and < double.PositiveInfinity))
            {
                throw new ForecastException(FormattableString.Invariant($"{what} costs {rate}; allowed: 0 or more"));
            }
        }

        var report = request.Kind switch
        {
            ReportKind.Utilization => Utilization(request),
            ReportKind.Forecast => OfForecast(request),
            ReportKind.Efficiency => Efficiency(request),
            ReportKind.Comparison => Comparison(request),
            ReportKind.Grant => GrantReporter.Make(request),
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
        var days = CoreHours(request, SeriesStep.Day);
        var months = CoreHours(request, SeriesStep.Month);
        var capacity = request.Cores * 24;
        var described = UsageAnalysis.Describe(days.Values.AsSpan());
        var (begin, until) = (request.Records.Min(static record => record.From), request.End());
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<object?>>();
        for (var at = 0; at < months.Values.Length; at++)
        {
            var index = months.First + at;
            var (start, end) = (SeriesCalendar.StartOf(index, SeriesStep.Month), SeriesCalendar.StartOf(index + 1, SeriesStep.Month));
            var ended = JobMeasures.Of(request.Records.Where(record => record.Until > start && record.Until <= end), request.Rates);

            // Of the first month, and of one that is not over, only the part that is known.
            var hours = ((end < until ? end : until) - (start > begin ? start : begin)).TotalHours;
            rows.Add([start, (double)ended.Jobs, months.Values[at], request.Cores is { } cores && hours > 0 ? months.Values[at] / (cores * hours) : null, ended.WaitHours, ended.ExpansionFactor, ended.Size, ended.SizeByUse, ended.Efficiency, ended.Cost]);
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
                Weekdays(days),
                Bottlenecks(request),
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
        return Forecaster.Forecast(CoreHours(request, SeriesStep.Day), new ForecastOptions { Horizon = request.Horizon, Planned = DemandReport.Work(request, static each => each.CoreHours, withMore: false) });
    }

    private static Report OfForecast(ReportRequest request)
    {
        var days = CoreHours(request, SeriesStep.Day);
        var forecast = request.Forecast ?? ForecastOf(request);
        var gpu = ReportResource.Gpu.WasUsed(request) ? Of(request, ReportResource.Gpu) : null;
        var others = new[] { ReportResource.Memory, ReportResource.Storage, ReportResource.Energy }.Where(resource => resource.WasUsed(request)).Select(resource => (Resource: resource, Forecast: Of(request, resource))).ToArray();
        var planned = DemandReport.Planned(request, forecast);
        var peak = forecast.Points.MaxBy(static point => point.Value);
        var cost = forecast.Total.Value * request.Rates.CoreHour;
        var rows = forecast.Points.Select((point, at) => (ImmutableArray<object?>)
            [point.Time, point.Value, point.Lower, point.Upper, gpu?.Points[at].Value, gpu?.Points[at].Lower, gpu?.Points[at].Upper, .. others.SelectMany(each => new object?[] { each.Forecast.Points[at].Value, each.Forecast.Points[at].Lower, each.Forecast.Points[at].Upper }), planned[at]]);
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
                new() { Name = "days", Columns = ["date", "cpu_forecast", "cpu_lower", "cpu_upper", "gpu_forecast", "gpu_lower", "gpu_upper", .. others.SelectMany(static each => new[] { $"{each.Resource.Name}_forecast", $"{each.Resource.Name}_lower", $"{each.Resource.Name}_upper" }), "cpu_planned"], Rows = [.. rows] },
                new()
                {
                    Name = "totals",
                    Columns = ["resource", "peak", "total", "total_lower", "total_upper", "method", "unit", "cost"],
                    Rows =
                    [
                        Totals(request, ReportResource.Cpu, forecast),
                        .. gpu is null ? Array.Empty<ImmutableArray<object?>>() : [Totals(request, ReportResource.Gpu, gpu)],
                        .. others.Select(each => Totals(request, each.Resource, each.Forecast)),
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

    private static SeriesForecast Of(ReportRequest request, ReportResource resource) => Forecaster.Forecast(
        UsageTimeline.Of(request.Records, resource.Amount, SeriesStep.Day, request.End()), new ForecastOptions { Horizon = request.Horizon, Planned = DemandReport.Work(request, resource.Planned, withMore: false) });

    private static ImmutableArray<object?> Totals(ReportRequest request, ReportResource resource, SeriesForecast forecast) =>
        [resource.Name, forecast.Points.Max(static point => point.Value), forecast.Total.Value, forecast.Total.Lower, forecast.Total.Upper, forecast.Method, resource.Unit, forecast.Total.Value * resource.Rate(request.Rates)];

    private static Report Efficiency(ReportRequest request)
    {
        var all = JobMeasures.Of(request.Records, request.Rates);
        var groups = Groups(request).Select(each => (each.Name, Measures: JobMeasures.Of(each.Records, request.Rates))).OrderByDescending(static each => each.Measures.WastedHours).ThenBy(static each => each.Name, StringComparer.Ordinal);
        return new Report
        {
            Title = "Efficiency",
            Summary =
            [
                all.Efficiency is { } part
                    ? string.Create(CultureInfo.InvariantCulture, $"processors worked in {part:0.0 %} of the core-time that was held; {all.WastedHours:#,0} core-hours were idle, which cost {all.WastedHours * request.Rates.CoreHour:#,0}")
                    : "nobody measured in how much of their time processors worked",
                .. all.GpuEfficiency is { } gpu ? [string.Create(CultureInfo.InvariantCulture, $"GPUs worked in {gpu:0.0 %} of the GPU-time that was held, as far as that was measured")] : Array.Empty<string>(),
            ],
            Notes = [.. InPart(request)],
            Tables =
            [
                new()
                {
                    Name = UsageBook.NameOf(request.By) + "s",
                    Columns = [UsageBook.NameOf(request.By), "jobs", "core_hours", "cpu_efficiency", "idle_core_hours", "wait_hours", "expansion_factor", "job_size", "asked_to_used_time", "gpu_efficiency"],
                    Rows = [.. groups.Take(request.Rows).Select(each => (ImmutableArray<object?>)[each.Name, (double)each.Measures.Jobs, each.Measures.CoreHours, each.Measures.Efficiency, each.Measures.WastedHours, each.Measures.WaitHours, each.Measures.ExpansionFactor, each.Measures.Size, Asked(request, each.Name), each.Measures.GpuEfficiency])],
                },
            ],
        };
    }

    private static Report Comparison(ReportRequest request)
    {
        var groups = Groups(request).Select(each => (each.Name, each.Records, Measures: JobMeasures.Of(each.Records, request.Rates))).OrderByDescending(static each => each.Measures.CoreHours).ThenBy(static each => each.Name, StringComparer.Ordinal).Take(request.Rows).ToArray();
        var end = request.End();
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

    private static Report Capacity(ReportRequest request)
    {
        var cores = request.Cores ?? throw new ForecastException("the machine's cores are not known: say how many there are");
        var days = CoreHours(request, SeriesStep.Day);
        var forecast = ForecastOf(request);
        var planned = DemandReport.Planned(request, forecast);

        var plan = CapacityPlanner.Plan(forecast, "cpu", cores * 24, CapacityUsable);
        var others = ReportResource.Limited(request).Where(resource => resource != ReportResource.Cpu && resource.WasUsed(request)).Select(resource => (Resource: resource, Plan: CapacityPlanner.Plan(Of(request, resource), resource.Name, resource.Capacity(request)!.Value * 24, CapacityUsable))).ToArray();
        return new Report
        {
            Title = FormattableString.Invariant($"Capacity for {request.Horizon} days"),
            Summary =
            [
                plan.RunsOutAt is { } at ? FormattableString.Invariant($"cpu more likely runs out than not from {at:yyyy-MM-dd} on") : FormattableString.Invariant($"cpu most likely suffices for {request.Horizon} days"),
                FormattableString.Invariant($"in the worst day demand is above 90 % of {cores:#,0} cores with probability {plan.Likely:0.0 %}{(plan.RunsOutEarliest is { } early ? FormattableString.Invariant($", in one of ten futures from {early:yyyy-MM-dd} on") : "")}"),
                FormattableString.Invariant($"{Math.Ceiling(plan.NeededForPeak / 24):#,0} cores would carry the upper end of every day"),
                .. others.Select(each => each.Plan.RunsOutAt is { } when ? FormattableString.Invariant($"{each.Resource.Name} more likely runs out than not from {when:yyyy-MM-dd} on") : FormattableString.Invariant($"{each.Resource.Name} most likely suffices for {request.Horizon} days")),
                .. DemandReport.Tell(request, planned),
                "demand is what was used: what waited because nothing was free is not seen in it",
            ],
            Tables =
            [
                new() { Name = "days", Columns = ["date", "demand_core_hours", "utilization", "probability_runs_out", "planned_core_hours"], Rows = [.. plan.Points.Select((point, at) => (ImmutableArray<object?>)[point.Time, point.Demand, point.Utilization, point.Likely, planned[at]])] },
                new()
                {
                    Name = "resources",
                    Columns = ["resource", "capacity_per_day", "limit_per_day", "probability_runs_out", "runs_out", "earliest", "cores_for_peak", "used_per_day", "unit_cost", "unit", "for_peak"],
                    Rows = [Capacity(request, ReportResource.Cpu, plan), .. others.Select(each => Capacity(request, each.Resource, each.Plan))],
                },
                .. DemandReport.WhatIf(request, days, plan, cores),
                .. DemandReport.Tables(request),
            ],
            Plots = [new() { Title = "Demand and capacity", Unit = "core-hours a day", Lines = [Line("used", Last(days, 2 * request.Horizon)), Line("expected", forecast), new() { Name = "capacity", Times = [SeriesCalendar.StartOf(Last(days, 2 * request.Horizon).First, SeriesStep.Day), forecast.Points[^1].Time], Values = [cores * 24, cores * 24], IsDashed = true }] }],
            Notes = forecast.Notes,
        };
    }

    /// <summary>What is used is the mean of the last four weeks; for the peak are so many cores or GPUs, or so much memory, that the upper end of every day would fit.</summary>
    private static ImmutableArray<object?> Capacity(ReportRequest request, ReportResource resource, CapacityPlan plan)
    {
        var needed = Math.Ceiling(plan.NeededForPeak / 24);
        var used = Last(UsageTimeline.Of(request.Records, resource.Amount, SeriesStep.Day, request.End()), 28).Values.Average();
        return [resource.Name, plan.Capacity, plan.Limit, plan.Likely, plan.RunsOutAt, plan.RunsOutEarliest, resource == ReportResource.Cpu ? needed : null, used, resource.Rate(request.Rates), resource.Unit, needed];
    }

    private static Report Recommendations(ReportRequest request)
    {
        var advice = RightSizing.Of(
            request.Records, request.Goal, request.Timeframe, request.Rates, simulation => request.Priorities.TryGetValue(simulation, out var priority) ? priority : null);
        return new Report
        {
            Title = "Recommendations",
            Notes = [.. InPart(request)],
            Summary = advice.IsEmpty
                ? ["nothing is far enough from what was used to be changed"]
                : [string.Create(CultureInfo.InvariantCulture, $"{advice.Length} recommendations for {Recommendation.NameOf(request.Goal)}, {Recommendation.NameOf(request.Timeframe)}; together they save {advice.Sum(static each => each.Saves):#,0.##}")],
            Tables =
            [
                new()
                {
                    Name = "recommendations",
                    Columns = ["simulation", "resource", "current", "recommended", "unit", "change_percent", "confidence", "saves", "goal", "timeframe", "justification", "buffer", "priority", ReportMarks.ImplementedAt, ReportMarks.ActualImpact],
                    Rows = [.. advice.Take(request.Rows).Select(static each => (ImmutableArray<object?>)[each.Subject, each.Resource, each.Current, each.Recommended, each.Unit, each.ChangePercent, each.Confidence, each.Saves, Recommendation.NameOf(each.Goal), Recommendation.NameOf(each.Timeframe), each.Justification, each.Buffer, each.Priority, null, null])],
                },
            ],
        };
    }

    /// <summary>That something was measured in part, so that it says nothing of the whole.</summary>
    private static IEnumerable<string> InPart(ReportRequest request)
    {
        var (busy, memory) = (request.Records.Count(static record => record is { IsBusyWhole: false, IsRunning: false }), request.Records.Count(static record => record is { IsMemoryWhole: false, IsBusyWhole: true, IsRunning: false }));
        if (busy > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{busy:#,0} of {request.Records.Length:#,0} ran on several nodes, of which agents measure the first alone: they are left out of what is said of busy processors and of memory");
        }

        if (memory > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"of {memory:#,0} of {request.Records.Length:#,0} the memory of the largest task alone was measured: they are left out of what is said of memory (NTasks of sacct says how many there were)");
        }
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

    /// <summary>How use goes over the week.</summary>
    private static ReportTable Weekdays(TimeSeries days)
    {
        string[] names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
        var byDay = days.Values.Select((value, at) => (Features: UsageAnalysis.Features(SeriesCalendar.StartOf(days.First + at, days.Step)), Value: value)).GroupBy(static each => (Weekday: (int)each.Features[3], IsWeekend: each.Features[8] > 0));
        return new()
        {
            Name = "weekdays",
            Columns = ["weekday", "core_hours_per_day", "is_weekend"],
            Rows = [.. byDay.OrderBy(static day => day.Key.Weekday).Select(day => (ImmutableArray<object?>)[names[day.Key.Weekday], day.Average(static each => each.Value), day.Key.IsWeekend])],
        };
    }

    /// <summary>Of what nearly all was used in the last six hours, of resources whose capacity is known.</summary>
    private static ReportTable Bottlenecks(ReportRequest request)
    {
        var limited = ReportResource.Limited(request).ToArray();
        var found = UsageAnalysis.Bottlenecks(
            limited.ToDictionary(static resource => resource.Name, resource => UsageTimeline.Of(request.Records, resource.Amount, SeriesStep.Hour, request.End())),
            limited.ToDictionary(static resource => resource.Name, resource => resource.Capacity(request)!.Value));
        return new() { Name = "bottlenecks", Columns = ["resource", "utilization"], Rows = [.. found.Select(static each => (ImmutableArray<object?>)[each.Key, each.Value])] };
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

    private static TimeSeries CoreHours(ReportRequest request, SeriesStep step) => UsageTimeline.Of(request.Records, static amounts => amounts.Cores / 3600, step, request.End());

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
