using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Reports;

/// <summary>When stages were to run, are expected to, and did; what made it later; for one simulation or the whole campaign.</summary>
public static class TimelineReporter
{
    private const int DrawnMax = 20;

    /// <param name="title">Of what.</param>
    /// <param name="timelines">In the order of their names.</param>
    /// <param name="now">The present.</param>
    public static Report Make(string title, IReadOnlyList<SimulationTimeline> timelines, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(timelines);
        var summary = ImmutableArray.CreateBuilder<string>();
        if (timelines.Count > 1)
        {
            var last = timelines.MaxBy(static each => each.End.Expected)!;
            summary.Add(string.Create(CultureInfo.InvariantCulture, $"{timelines.Count(static each => each.IsOver)} of {timelines.Count} simulations are over; the last {(last.IsOver ? "ended" : "is expected to end")} {Moment(last.End.Expected)} ({last.Simulation})"));
        }

        foreach (var each in timelines.OrderByDescending(static each => each.Deviation).Take(timelines.Count > 1 ? 5 : 1))
        {
            summary.Add(Tell(each));
            summary.AddRange(each.Bottlenecks.Take(3).Select(bottleneck => $"{(timelines.Count > 1 ? each.Simulation + ": " : "")}{Tell(each, bottleneck)}"));
        }

        return Reporter.Named(new Report
        {
            Kind = ReportKind.Timeline,
            Title = $"Timeline of {title}",
            At = now,
            Summary = summary.ToImmutable(),
            Tables =
            [
                new()
                {
                    Name = "stages",
                    Columns =
                    [
                        "simulation", "stage", "status", "planned_start", "planned_end", "expected_start", "earliest_start", "latest_start", "expected_end", "earliest_end", "latest_end", "actual_start", "actual_end", "deviation_hours",
                        "critical", "duration",
                    ],
                    Rows =
                    [
                        .. timelines.SelectMany(static each => each.Stages.Select(stage => (ImmutableArray<object?>)
                        [
                            each.Simulation, stage.Stage, NameOf(stage.Status), Whole(stage.PlannedStart), Whole(stage.PlannedEnd), Whole(stage.Start.Expected), Whole(stage.Start.Earliest), Whole(stage.Start.Latest), Whole(stage.End.Expected),
                            Whole(stage.End.Earliest), Whole(stage.End.Latest), Whole(stage.ActualStart), Whole(stage.ActualEnd), stage.Deviation.TotalHours, stage.Critical, stage.Duration?.Tell(),
                        ])),
                    ],
                },
                new()
                {
                    Name = "simulations",
                    Columns = ["simulation", "campaign", "is_over", "planned_end", "expected_end", "earliest_end", "latest_end", "deviation_hours", "critical_path"],
                    Rows =
                    [
                        .. timelines.Select(static each => (ImmutableArray<object?>)
                            [each.Simulation, each.Campaign, each.IsOver, Whole(each.PlannedEnd), Whole(each.End.Expected), Whole(each.End.Earliest), Whole(each.End.Latest), each.Deviation.TotalHours, string.Join(" > ", each.CriticalPath)]),
                    ],
                },
                new()
                {
                    Name = "bottlenecks",
                    Columns = ["simulation", "stage", "what", "excess_hours", "impact_on_end_hours"],
                    Rows = [.. timelines.SelectMany(static each => each.Bottlenecks.Select(bottleneck => (ImmutableArray<object?>)[each.Simulation, bottleneck.Stage, NameOf(bottleneck.Kind), bottleneck.Excess.TotalHours, bottleneck.Impact.TotalHours]))],
                },
            ],
            Bars = [Bars(title, timelines, now)],
            Notes =
            [
                "planned: by the estimates that were submitted, if nothing had waited for nodes; expected: as it looks now, and eight of ten times between earliest and latest; critical: how likely the stage decides the end",
                .. timelines.SelectMany(static each => each.Notes).Distinct(StringComparer.Ordinal),
            ],
        });
    }

    private static string Tell(SimulationTimeline each)
    {
        var deviation = each.Deviation.Duration() < TimeSpan.FromMinutes(1) ? "as planned" : $"{DurationWords.Of(each.Deviation.Duration())} {(each.Deviation > TimeSpan.Zero ? "later" : "sooner")} than planned";
        var between = each.End.Latest > each.End.Earliest ? $" (between {Moment(each.End.Earliest)} and {Moment(each.End.Latest)})" : "";
        return $"{each.Simulation} {(each.IsOver ? "ended" : "is expected to end")} {Moment(each.End.Expected)}{between}, {deviation}";
    }

    private static string Tell(SimulationTimeline each, Bottleneck bottleneck)
    {
        var over = each.Stages.FirstOrDefault(stage => stage.Stage == bottleneck.Stage)?.ActualEnd is not null;
        var what = bottleneck.Kind == BottleneckKind.Waits
            ? $"{(over ? "waited" : "waits")} {DurationWords.Of(bottleneck.Excess)} before it {(over ? "started" : "starts or goes on")}"
            : $"{(over ? "ran" : "runs")} {DurationWords.Of(bottleneck.Excess)} longer than planned";
        return $"bottleneck {bottleneck.Stage} {what}: the end is {DurationWords.Of(bottleneck.Impact)} later for it";
    }

    private static ReportBars Bars(string title, IReadOnlyList<SimulationTimeline> timelines, DateTimeOffset now)
    {
        // Of many simulations the whole is drawn, of few each stage.
        var rows = timelines.Count <= DrawnMax
            ? timelines.SelectMany(each => each.Stages.Select(stage => new ReportBar
            {
                Name = timelines.Count > 1 ? $"{each.Simulation}/{stage.Stage}" : stage.Stage,
                PlannedFrom = stage.PlannedStart,
                PlannedUntil = stage.PlannedEnd,
                From = stage.Start.Expected,
                Until = stage.End.Expected,
                Earliest = stage.End.Earliest,
                Latest = stage.End.Latest,
                IsCritical = stage.Critical >= 0.5,
            }))
            : timelines.Select(static each => new ReportBar
            {
                Name = each.Simulation,
                PlannedFrom = each.SubmittedAt,
                PlannedUntil = each.PlannedEnd,
                From = each.SubmittedAt,
                Until = each.End.Expected,
                Earliest = each.End.Earliest,
                Latest = each.End.Latest,
            });
        return new() { Title = title, At = now, Rows = [.. rows] };
    }

    private static string NameOf(StageStatus status) => status == StageStatus.SoftFailed ? "soft failed" : status.ToString().ToLowerInvariant();

    private static string NameOf(BottleneckKind kind) => kind == BottleneckKind.Waits ? "waits" : "runs longer";

    /// <summary>To the second.</summary>
    private static DateTimeOffset Whole(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    private static DateTimeOffset? Whole(DateTimeOffset? moment) => moment is { } at ? Whole(at) : null;

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
