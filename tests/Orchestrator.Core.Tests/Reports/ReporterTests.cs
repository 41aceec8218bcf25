using System.Text.Json;
using System.Xml.Linq;
using Orchestrator.Core.Forecasting;
using Orchestrator.Core.Forecasting.Planning;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Tests.Reports;

public sealed class ReporterTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<ReportKind, ReportFormat> All() =>
        [.. from kind in Enum.GetValues<ReportKind>() where kind is not ReportKind.Absent and not ReportKind.Health and not ReportKind.Timeline from format in Enum.GetValues<ReportFormat>() where format != ReportFormat.Absent select new TheoryDataRow<ReportKind, ReportFormat>(kind, format)];

    [Theory, MemberData(nameof(All))]
    public void Every_kind_is_written_in_every_format(ReportKind kind, ReportFormat format)
    {
        var report = Reporter.Make(Request(kind));

        var text = Written(report, format);

        text.ShouldNotContain("NaN");
        report.Tables.ShouldAllBe(static table => table.Rows.All(row => row.Length == table.Columns.Length));
        switch (format)
        {
            case ReportFormat.Json:
                using (var json = JsonDocument.Parse(text))
                {
                    json.RootElement.GetProperty("kind").GetString().ShouldBe(ReportWriter.NameOf(kind));
                    json.RootElement.GetProperty("tables").GetProperty(report.Tables[0].Name).GetArrayLength().ShouldBe(report.Tables[0].Rows.Length);
                }

                break;
            case ReportFormat.Html:
                text.ShouldNotContain("<script");
                text.ShouldNotContain("http");
                foreach (var svg in text.Split("<svg").Skip(1))
                {
                    XDocument.Parse("<svg" + svg[..(svg.IndexOf("</svg>", StringComparison.Ordinal) + 6)]).Root!.Elements().ShouldNotBeEmpty();
                }

                text.Split("<svg").Length.ShouldBe(report.Plots.Length + 1);
                break;
            case ReportFormat.Svg:
                XDocument.Parse(text).Root!.Name.LocalName.ShouldBe("svg");
                break;
            case ReportFormat.Csv:
                text.ShouldContain(string.Join(',', report.Tables[0].Columns));
                break;
            default:
                text.ShouldContain(report.Title);
                break;
        }
    }

    [Fact]
    public void The_forecast_has_dates_intervals_peak_and_total()
    {
        var csv = Written(Reporter.Make(Request(ReportKind.Forecast) with { Horizon = 14 }), ReportFormat.Csv).Split('\n');

        csv[1].ShouldStartWith("date,cpu_forecast,cpu_lower,cpu_upper");
        csv.Skip(2).TakeWhile(static line => line.Length > 0).Count().ShouldBe(14);
        csv.ShouldContain(static line => line.StartsWith("resource,peak,total", StringComparison.Ordinal));
    }

    [Fact]
    public void Waits_expansion_factor_and_job_size_are_those_of_xdmod()
    {
        UsageRecord[] records =
        [
            new() { Submitted = Start, From = Start.AddHours(1), Until = Start.AddHours(2), User = "ann", CoresHeld = 10, Amounts = new UsageAmounts { Cores = 10 * 3600, Busy = 5 * 3600, Attempts = 1 } },
            new() { Submitted = Start, From = Start, Until = Start.AddHours(3), User = "ann", CoresHeld = 30, Amounts = new UsageAmounts { Cores = 90 * 3600, Attempts = 1 } },
        ];

        var measures = JobMeasures.Of(records, new UsageRates());

        measures.WaitHours.ShouldBe(0.5);
        measures.ExpansionFactor.ShouldBe(1.5);
        measures.Size.ShouldBe(20);
        measures.SizeByUse.ShouldBe(((10 * 10) + (30 * 90)) / 100.0, 1e-9);
        measures.Efficiency.ShouldBe(0.5);
        measures.WastedHours.ShouldBe(5, 1e-9);
        measures.Cost.ShouldBe(5, 1e-9);
    }

    [Fact]
    public void The_same_use_gives_the_same_report_and_id()
    {
        var (one, other) = (Reporter.Make(Request(ReportKind.Utilization)), Reporter.Make(Request(ReportKind.Utilization)));

        other.Id.ShouldBe(one.Id);
        Written(other, ReportFormat.Html).ShouldBe(Written(one, ReportFormat.Html));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Should.Throw<ForecastException>(() => Reporter.Make(new ReportRequest { Kind = ReportKind.Utilization })).Message.ShouldContain("nothing was used");
        Should.Throw<ForecastException>(() => Reporter.Make(Request(ReportKind.Capacity) with { Cores = null })).Message.ShouldContain("cores are not known");
        Should.Throw<ForecastException>(() => Reporter.Make(Request(ReportKind.Grant) with { Grants = [] })).Message.ShouldContain("no grant is given");
    }

    [Fact]
    public void Names_of_users_are_harmless_in_every_format()
    {
        var request = Request(ReportKind.Comparison);
        var report = Reporter.Make(request with { Records = [.. request.Records.Select(static record => record with { User = "<b>\"a,|b\"" })] });

        Written(report, ReportFormat.Html).ShouldNotContain("<b>");
        Written(report, ReportFormat.Csv).ShouldContain("\"<b>\"\"a,|b\"\"\"");
        Written(report, ReportFormat.Markdown).ShouldContain("\\|b");
    }

    [Fact]
    public void Health_tells_ends_ages_losses_and_what_is_beyond_its_limits()
    {
        SimulationHealth[] simulations =
        [
            new() { Simulation = "s-1", Status = "running", Progress = 0.5, ExpectedEnd = Start.AddDays(10), ProvenAt = Start.AddHours(-30), Proven = "e1/a", SafeSince = Start.AddHours(-2), Cores = 8, CoreHoursLeft = 1920, Windows = ["kernel from 2024-01-03 00:00"] },
            new() { Simulation = "s-2", Status = "queued" },
        ];

        var (report, breaches) = HealthReporter.Make(simulations, [.. Enumerable.Repeat(1.0, 10), 2.0, 0.5], new HealthLimits { Expires = Start.AddDays(5) }, Start);

        breaches.Select(static breach => (breach.Simulation, breach.What)).ShouldBe([("s-1", "proven-checkpoint"), ("s-1", "loss"), ("s-1", "expiry")]);
        var row = report.Tables[0].Rows[0];
        ((DateTimeOffset)row[5]!).ShouldBeLessThan((DateTimeOffset)row[4]!);
        ((DateTimeOffset)row[6]!).ShouldBeGreaterThan((DateTimeOffset)row[4]!);
        ((double)row[7]!).ShouldBeInRange(960, 1920);
        ((double)row[11]!).ShouldBe(16, 1e-9);
        HealthReporter.Make(simulations, [], new HealthLimits(), Start).Report.Notes.Single().ShouldContain("there is no interval");
    }

    private static string Written(Report report, ReportFormat format)
    {
        using var text = new StringWriter();
        ReportWriter.Write(text, report, format);
        return text.ToString();
    }

    private static ReportRequest Request(ReportKind kind)
    {
        var random = new Random(4);
        return new ReportRequest
        {
            Kind = kind,
            Cores = 100,
            Horizon = 30,
            Grants = [new Grant { Name = "g", Allocation = 30_000, From = Start, Until = Start.AddDays(200), PullBacks = [new(Start.AddDays(150), 0.6)] }],
            Records =
            [
                .. Enumerable.Range(0, 600).Select(at =>
                {
                    var from = Start.AddHours((at * 4) + random.Next(4));
                    var hours = 1 + (5 * random.NextDouble());
                    return new UsageRecord
                    {
                        Submitted = from.AddHours(-1), From = from, Until = from.AddHours(hours), User = $"u{at % 4}", Project = "p", Task = $"{at}", CoresHeld = 16, Limit = TimeSpan.FromHours(24),
                        Amounts = new UsageAmounts { Cores = 16 * hours * 3600, Busy = 8 * hours * 3600, Gpus = at % 2 * hours * 3600, Nodes = hours * 3600, Attempts = 1 },
                    };
                }),
            ],
        };
    }
}
