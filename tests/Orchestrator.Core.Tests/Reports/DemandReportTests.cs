using System.Text.Json;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Tests.Reports;

/// <summary>Work that is known in advance, and work that might be submitted, in reports that look ahead.</summary>
public sealed class DemandReportTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Start.AddDays(100);

    [Fact]
    public void What_is_planned_raises_the_forecast_and_is_shown_apart()
    {
        var plain = Reporter.Make(Request(ReportKind.Forecast));

        var report = Reporter.Make(Request(ReportKind.Forecast) with { Planned = [Demand(End.AddDays(5), 2, 5000)] });

        var (before, after) = (Column(plain, "cpu_forecast"), Column(report, "cpu_forecast"));
        after[5].ShouldBe(2500, 1);
        after[4].ShouldBe(before[4], 1e-9);
        Column(report, "cpu_planned")[5].ShouldBe(2500, 1);
        Column(report, "cpu_planned")[0].ShouldBe(0);
        report.Summary.ShouldContain(static line => line.StartsWith("of which 5,000 core-hours are planned: co2 (1 simulation)", StringComparison.Ordinal));
        report.Tables.Single(static table => table.Name == "planned").Rows.ShouldHaveSingleItem();
        plain.Tables[0].Rows[0][^1].ShouldBeNull("nobody said what is planned");
    }

    [Fact]
    public void What_is_planned_below_the_usual_is_part_of_it()
    {
        var plain = Reporter.Make(Request(ReportKind.Forecast));

        var report = Reporter.Make(Request(ReportKind.Forecast) with { Planned = [Demand(End, 30, 30)] });

        Column(report, "cpu_forecast").ShouldBe(Column(plain, "cpu_forecast"));
        Column(report, "cpu_planned").ShouldAllBe(static hours => Math.Abs(hours - 1) < 1e-6);
    }

    [Fact]
    public void A_campaign_that_might_be_submitted_burns_a_grant_down_sooner()
    {
        var grant = new Grant { Name = "g", Allocation = 100_000, From = Start, Until = Start.AddDays(365) };
        var request = Request(ReportKind.Grant) with { Grants = [grant], More = [Demand(End.AddDays(10), 20, 50_000)] };

        var report = Reporter.Make(request);

        var table = report.Tables.Single(static table => table.Name == "what_if");
        var row = table.Rows.ShouldHaveSingleItem();
        var (now, then) = ((double)row[1]!, (double)row[2]!);
        (then - now).ShouldBe(50_000, 1);
        row[4].ShouldNotBeNull("with it the grant runs out");
        ((double)row[6]!).ShouldBeGreaterThan((double)row[5]!);
        Reporter.Make(request with { More = [] }).Tables.ShouldNotContain(static each => each.Name == "what_if");
    }

    [Fact]
    public void A_campaign_that_might_be_submitted_may_be_too_much_for_the_machine()
    {
        var report = Reporter.Make(Request(ReportKind.Capacity) with { Cores = 100, More = [Demand(End.AddDays(3), 1, 3000)] });

        var table = report.Tables.Single(static table => table.Name == "what_if");
        ((double)table.Rows[0][2]!).ShouldBeGreaterThan((double)table.Rows[0][1]!);
        table.Rows[2][2].ShouldBe(End.AddDays(3));
    }

    [Fact]
    public void A_copy_of_a_report_is_the_report_again_in_every_format()
    {
        var report = Reporter.Make(Request(ReportKind.Forecast) with { Planned = [Demand(End, 2, 500)] });

        var copy = ReportCopy.Read(ReportCopy.Write(report));

        copy.Id.ShouldBe(report.Id);
        foreach (var format in Enum.GetValues<ReportFormat>())
        {
            Written(copy, format).ShouldBe(Written(report, format));
        }

        Should.Throw<JsonException>(static () => ReportCopy.Read("{}"));
        Should.Throw<JsonException>(static () => ReportCopy.Read("nothing"));
    }

    private static double[] Column(Report report, string name)
    {
        var table = report.Tables[0];
        var at = table.Columns.IndexOf(name);
        return [.. table.Rows.Select(row => (double)row[at]!)];
    }

    private static PlannedDemand Demand(DateTimeOffset from, int days, double hours) => new() { Campaign = "co2", Simulation = "s-1", Stage = "coupled", Project = "eth/climate", From = from, Until = from.AddDays(days), CoreHours = hours };

    private static ReportRequest Request(ReportKind kind) => new()
    {
        Kind = kind,
        Horizon = 30,
        Records = [.. Enumerable.Range(0, 100).Select(static day => new UsageRecord { From = Start.AddDays(day), Until = Start.AddDays(day + 1), User = "ann", CoresHeld = 10, Amounts = new() { Cores = 3600 * (200 + (day % 5)), Attempts = 1 } })],
    };

    private static string Written(Report report, ReportFormat format)
    {
        using var text = new StringWriter();
        ReportWriter.Write(text, report, format);
        return text.ToString();
    }
}
