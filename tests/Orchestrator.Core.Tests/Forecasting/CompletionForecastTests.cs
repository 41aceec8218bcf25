using System.Xml.Linq;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Forecasting;

public sealed class CompletionForecastTests
{
    private static readonly DateTimeOffset Submitted = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Certain_stages_add_up_along_the_longest_chain()
    {
        var timeline = CompletionForecast.Of(Of(Sure("a", 2), Sure("b", 3, "a"), Sure("c", 10, "a"), Sure("d", 1, "b", "c")), Submitted);

        timeline.End.ShouldBe(new(At(13), At(13), At(13)));
        timeline.PlannedEnd.ShouldBe(At(13));
        timeline.Deviation.ShouldBe(TimeSpan.Zero);
        timeline.CriticalPath.ShouldBe(["a", "c", "d"]);
        timeline.Bottlenecks.ShouldBeEmpty();
        timeline.Stages.Select(static stage => stage.Critical).ShouldBe([1, 0, 1, 1], tolerance: 1e-9);
        timeline.Stages.Single(static stage => stage.Stage == "d").Start.Expected.ShouldBe(At(12));
    }

    [Fact]
    public void Two_equal_branches_end_later_than_each_alone_and_each_decides_about_half_of_the_times()
    {
        var timeline = CompletionForecast.Of(Of(Unsure("a", 10, 7, 14), Unsure("b", 10, 7, 14)), Submitted);

        timeline.End.Expected.ShouldBeGreaterThan(At(10.2));
        timeline.End.Earliest.ShouldBeLessThan(timeline.End.Expected);
        timeline.End.Latest.ShouldBeGreaterThan(timeline.End.Expected);
        timeline.Stages.ShouldAllBe(static stage => stage.Critical > 0.4 && stage.Critical < 0.6);
        timeline.Stages[0].End.Earliest.ShouldBe(At(7), TimeSpan.FromMinutes(30));
        timeline.Stages[0].End.Latest.ShouldBe(At(14), TimeSpan.FromMinutes(60));
    }

    [Fact]
    public void The_same_outlook_gives_the_same_answer()
    {
        var outlook = Of(Unsure("a", 10, 7, 14), Unsure("b", 5, 4, 9, "a"));

        var (one, other) = (CompletionForecast.Of(outlook, At(1)), CompletionForecast.Of(outlook, At(1)));

        one.End.ShouldBe(other.End);
        one.Stages.ShouldBe(other.Stages);
    }

    [Fact]
    public void A_stage_that_runs_is_expected_to_take_what_such_work_takes_that_is_not_over_yet()
    {
        var running = Unsure("a", 10, 8, 20) with { Status = StageStatus.Running, StartedAt = Submitted, Done = TimeSpan.FromHours(9) };

        var timeline = CompletionForecast.Of(Of(running), At(9));

        timeline.End.Expected.ShouldBeGreaterThan(At(10), "half of those that are still there after 9 hours take longer than the median of all");
        timeline.End.Expected.ShouldBeLessThan(At(20));
        timeline.End.Earliest.ShouldBeGreaterThan(At(9));
        timeline.Stages[0].ActualStart.ShouldBe(Submitted);
        timeline.Stages[0].ActualEnd.ShouldBeNull();
    }

    [Fact]
    public void What_runs_far_beyond_all_that_was_expected_does_not_end_in_the_past()
    {
        var running = Sure("a", 2) with { Status = StageStatus.Running, StartedAt = Submitted, Done = TimeSpan.FromHours(50) };

        var timeline = CompletionForecast.Of(Of(running, Sure("b", 1, "a")), At(50));

        timeline.Stages[0].End.Expected.ShouldBeGreaterThan(At(50));
        timeline.End.Expected.ShouldBeGreaterThan(At(51));
        timeline.Deviation.ShouldBeGreaterThan(TimeSpan.FromHours(47));
    }

    [Fact]
    public void Bottlenecks_are_named_with_what_they_cost_the_end_and_others_are_not()
    {
        var timeline = CompletionForecast.Of(
            Of(
                Over("load", 1, 0, 1),
                Over("model", 4, 1, 9, "load"),
                Over("check", 1, 1, 8, "load"),
                Sure("post", 2, "model", "check") with { Status = StageStatus.Queued, QueuedUntil = At(13) }),
            At(10));

        timeline.End.Expected.ShouldBe(At(15));
        timeline.PlannedEnd.ShouldBe(At(7));
        timeline.Deviation.ShouldBe(TimeSpan.FromHours(8));
        timeline.CriticalPath.ShouldBe(["load", "model", "post"]);
        timeline.Bottlenecks.Select(static each => (each.Stage, each.Kind, each.Excess.TotalHours, each.Impact.TotalHours))
            .ShouldBe([("model", BottleneckKind.Runs, 4.0, 1.0), ("post", BottleneckKind.Waits, 4.0, 4.0)], ignoreOrder: true);
        timeline.Bottlenecks[0].Stage.ShouldBe("post", "the worst first; without the model's four hours, the check would still have run until the eighth");
    }

    [Fact]
    public void An_edge_on_progress_lets_the_next_begin_earlier_and_a_delay_later()
    {
        var half = Sure("b", 1) with { After = [new() { Stage = "a", Part = 0.5 }] };
        var late = Sure("c", 1) with { After = [new() { Stage = "a", Delay = TimeSpan.FromHours(3) }] };

        var timeline = CompletionForecast.Of(Of(Sure("a", 4), half, late), Submitted);

        timeline.Stages.Single(static stage => stage.Stage == "b").Start.Expected.ShouldBe(At(2));
        timeline.Stages.Single(static stage => stage.Stage == "c").Start.Expected.ShouldBe(At(7));
    }

    [Fact]
    public void A_simulation_that_is_over_is_told_as_it_was()
    {
        var timeline = CompletionForecast.Of(Of(Over("a", 2, 1, 5)) with { EndedAt = At(5) }, At(100));

        timeline.IsOver.ShouldBeTrue();
        timeline.End.Expected.ShouldBe(At(5));
        timeline.Stages[0].Deviation.ShouldBe(TimeSpan.FromHours(3));
        timeline.Stages[0].Duration.ShouldBeNull();
        timeline.Bottlenecks.Select(static each => each.Kind).ShouldBe([BottleneckKind.Runs, BottleneckKind.Waits]);
    }

    [Fact]
    public void Without_bounds_the_answer_says_what_it_assumes()
    {
        var timeline = CompletionForecast.Of(Of(Sure("a", 4) with { Whole = new() { Expected = TimeSpan.FromHours(4) } }), Submitted);

        timeline.Notes.ShouldContain(static note => note.Contains("half to twice", StringComparison.Ordinal));
        timeline.End.Earliest.ShouldBe(At(2), TimeSpan.FromMinutes(20));
        timeline.End.Latest.ShouldBe(At(8), TimeSpan.FromMinutes(60));
    }

    [Fact]
    public void Stages_that_wait_for_each_other_are_refused() =>
        Should.Throw<ArgumentException>(static () => CompletionForecast.Of(Of(Sure("a", 1, "b"), Sure("b", 1, "a")), Submitted));

    [Fact]
    public void Without_stages_it_ends_when_it_began()
    {
        CompletionForecast.Of(Of(), Submitted).End.Expected.ShouldBe(Submitted);
        CompletionForecast.Of(Of(), At(5), runs: 0).Stages.ShouldBeEmpty();
    }

    [Fact]
    public void The_report_has_all_formats_and_its_drawing_is_valid()
    {
        var timeline = CompletionForecast.Of(Of(Over("load & go", 1, 0, 3), Unsure("model", 10, 7, 14, "load & go")), At(4));

        var report = TimelineReporter.Make("co2", [timeline], At(4));

        report.Id.ShouldStartWith("timeline-");
        report.Summary[0].ShouldContain("is expected to end");
        report.Summary.ShouldContain(static line => line.StartsWith("bottleneck load & go ran 2 h 00 min longer than planned", StringComparison.Ordinal));
        foreach (var format in Enum.GetValues<ReportFormat>().Where(static format => format != ReportFormat.Absent))
        {
            using var output = new StringWriter();
            ReportWriter.Write(output, report, format);
            output.ToString().ShouldContain("model");
        }

        using var svg = new StringWriter();
        ReportWriter.Write(svg, report, ReportFormat.Svg);
        XDocument.Parse(svg.ToString()).Root!.Name.LocalName.ShouldBe("svg");
        report.Tables[0].Rows.Length.ShouldBe(2);
        report.Tables.ShouldAllBe(static table => table.Rows.All(row => row.Length == table.Columns.Length));
    }

    private static SimulationOutlook Of(params StageOutlook[] stages) => new() { Simulation = "s-1", Campaign = "co2", SubmittedAt = Submitted, Stages = [.. stages] };

    private static StageOutlook Sure(string name, double hours, params string[] after) => Unsure(name, hours, hours, hours, after);

    private static StageOutlook Unsure(string name, double hours, double lower, double upper, params string[] after) => new()
    {
        Name = name,
        Status = StageStatus.Waiting,
        Planned = TimeSpan.FromHours(hours),
        Whole = new() { Expected = TimeSpan.FromHours(hours), Lower = TimeSpan.FromHours(lower), Upper = TimeSpan.FromHours(upper), Source = DurationSource.Learned, Runs = 9 },
        After = [.. after.Select(static stage => new StageEdge { Stage = stage })],
    };

    private static StageOutlook Over(string name, double planned, double from, double until, params string[] after) => Sure(name, planned, after) with
    {
        Status = StageStatus.Completed,
        StartedAt = At(from),
        EndedAt = At(until),
        After = [.. after.Select(static stage => new StageEdge { Stage = stage, IsSatisfied = true })],
    };

    private static DateTimeOffset At(double hours) => Submitted + TimeSpan.FromHours(hours);
}
