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
    public void Attempts_of_which_a_part_was_measured_say_nothing_of_efficiency()
    {
        var request = Request(ReportKind.Efficiency);
        UsageRecord[] records = [.. request.Records.Select(static (record, at) => at % 2 == 0 ? record : record with { IsBusyWhole = false, IsMemoryWhole = false, Amounts = record.Amounts with { Busy = record.Amounts.Busy / 4 } })];

        var report = Reporter.Make(request with { Records = [.. records] });

        report.Summary[0].ShouldStartWith("processors worked in 50.0 %");
        report.Notes.ShouldContain(static note => note.StartsWith("300 of 600 ran on several nodes, of which agents measure the first alone", StringComparison.Ordinal));
        Reporter.Make(request).Notes.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(20, 17), InlineData(1, 10)]
    public void The_utilization_of_a_month_is_that_of_the_part_that_is_known(int day, int days)
    {
        var records = Enumerable.Range(0, days).Select(at => Start.AddDays(day - 1 + at)).Select(static from => new UsageRecord { From = from, Until = from.AddDays(1), User = "ann", CoresHeld = 10, Amounts = new() { Cores = 10 * 86_400, Attempts = 1 } });

        var months = Reporter.Make(new ReportRequest { Kind = ReportKind.Utilization, Cores = 10, Records = [.. records] }).Tables[0];

        ((double)months.Rows[0][3]!).ShouldBe(1, 1e-9);
    }

    [Fact]
    public void What_runs_is_used_and_no_job_yet_and_a_machine_on_which_nothing_ends_is_idle()
    {
        var ended = new UsageRecord { From = Start, Until = Start.AddDays(10), User = "ann", CoresHeld = 8, Amounts = new() { Cores = 8 * 864_000, Busy = 4 * 864_000, Attempts = 1 } };
        var runs = new UsageRecord { From = Start.AddDays(5), Until = Start.AddDays(40), User = "ann", CoresHeld = 64, Amounts = new() { Cores = 64 * 35 * 86_400 }, IsRunning = true };

        var report = Reporter.Make(new ReportRequest { Kind = ReportKind.Utilization, Cores = 100, Records = [ended, runs], Until = runs.Until });

        report.Summary[0].ShouldStartWith("1 jobs used 55,680 core-hours");
        var row = report.Tables.Single(static table => table.Name == "users").Rows.ShouldHaveSingleItem();
        row[1].ShouldBe(1.0);
        row[7].ShouldBe(0.5, "of what runs nobody knows how busy it is");
        var forecast = Reporter.ForecastOf(Request(ReportKind.Forecast) with { Until = Start.AddDays(121) });
        forecast.Points[0].Time.ShouldBe(Start.AddDays(121));
        forecast.Total.Value.ShouldBeLessThan(Reporter.ForecastOf(Request(ReportKind.Forecast)).Total.Value);
    }

    [Fact]
    public void Costs_that_are_no_numbers_and_impacts_that_are_none_are_refused()
    {
        Should.Throw<ForecastException>(() => Reporter.Make(Request(ReportKind.Utilization) with { Rates = new() { CoreHour = double.NaN } })).Message.ShouldBe("a core-hour costs NaN; allowed: 0 or more");
        Should.Throw<ForecastException>(() => Reporter.Make(Request(ReportKind.Forecast) with { Rates = new() { GpuHour = -1 } })).Message.ShouldBe("a GPU-hour costs -1; allowed: 0 or more");
        var report = Reporter.Make(Request(ReportKind.Recommendation));
        Should.Throw<ForecastException>(() => ReportMarks.Implemented(report, (string)report.Tables[0].Rows[0][0]!, (string)report.Tables[0].Rows[0][1]!, Start, double.NaN)).Message.ShouldContain("the impact is NaN");
    }

    [Fact]
    public void Long_names_fit_into_drawings_and_can_be_read_whole()
    {
        var names = Enumerable.Range(1, 6).Select(static at => $"s-co2-ensemble-control-{at}/coupled<a>").ToArray();
        using var plot = new StringWriter();
        SvgPlot.Write(plot, new ReportPlot { Title = "t", Unit = "core-hours a week", Lines = [.. names.Select(static name => new ReportLine { Name = name, Times = [Start, Start.AddDays(1)], Values = [1, 2] })] }, isFile: true);
        using var bars = new StringWriter();
        SvgBars.Write(bars, new ReportBars { At = Start, Rows = [.. names.Select(static name => new ReportBar { Name = name, From = Start, Until = Start.AddDays(1) })] }, isFile: true);

        // About 6.2 to a letter of 11.
        var entries = XDocument.Parse(plot.ToString()).Descendants().Where(static element => element.Name.LocalName == "text" && element.Elements().Any()).ToArray();
        entries.SelectMany(static entry => entry.Elements()).Select(static title => title.Value).ShouldBe(names);
        var places = entries.Select(static entry => (From: (double)entry.Attribute("x")!, Until: (double)entry.Attribute("x")! + (6.2 * ((XText)entry.FirstNode!).Value.Length))).ToArray();
        places[^1].Until.ShouldBeLessThanOrEqualTo(860);
        places.Zip(places.Skip(1)).ShouldAllBe(static pair => pair.First.Until < pair.Second.From);
        var rows = XDocument.Parse(bars.ToString()).Descendants().Where(static element => element.Name.LocalName == "title").ToArray();
        rows.Select(static row => row.Value).ShouldBe(names);
        rows.ShouldAllBe(static row => ((XText)row.Parent!.FirstNode!).Value.EndsWith("/coupled<a>", StringComparison.Ordinal), "the stage is what tells them apart");
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
    public void Each_grant_is_burnt_by_what_it_covers_alone_with_its_cost_its_projects_and_its_simulations()
    {
        var request = Request(ReportKind.Grant);
        Grant Of(string name, string project) => new() { Name = name, Allocation = 30_000, From = Start, Until = Start.AddDays(200), Projects = [project], CostPerUnit = name == "a" ? 0.5 : null };
        request = request with
        {
            Records = [.. request.Records.Select(static (record, at) => record with { Institution = "eth", Project = at % 3 == 0 ? "climate" : "oceans", Simulation = $"s-{at % 2}" })],
            Grants = [Of("a", "eth/climate"), Of("b", "oceans"), Of("c", "nobody")],
        };

        var report = Reporter.Make(request);

        var grants = report.Tables.Single(static table => table.Name == "grants");
        double Used(int row) => (double)grants.Rows[row][2]!;
        var all = request.Records.Sum(static record => record.Amounts.Cores) / 3600;
        (Used(0) + Used(1)).ShouldBe(all, 0.02 * all, "the last day is not over");
        Used(0).ShouldBe(all / 3, 0.05 * all);
        Used(2).ShouldBe(0);
        report.Notes.ShouldContain("c: nothing that was used counts against it (nobody)");
        report.Notes.ShouldNotContain(static note => note.Contains("several grants"));

        var breakdown = report.Tables.Single(static table => table.Name == "cost_breakdown").Rows.ToLookup(static row => ((string)row[0]!, (string)row[1]!), static row => (Amount: row[2], Cost: (double)row[4]!));
        var cpu = breakdown[("a", "cpu")].Single();
        cpu.Cost.ShouldBe(0.5 * (double)cpu.Amount!, 1e-6);
        string[] resources = ["cpu", "gpu", "memory", "storage", "energy"];
        breakdown[("a", "total")].Single().Cost.ShouldBe(resources.Sum(resource => breakdown[("a", resource)].Single().Cost), 1e-6);
        report.Tables.Single(static table => table.Name == "grant_work").Rows.Where(static row => (string)row[0]! == "a").Select(static row => (row[1], row[2])).Order().ShouldBe([("eth/climate", "s-0"), ("eth/climate", "s-1")]);
        Reporter.Make(request with { Grants = [Of("a", "climate"), Of("b", "climate")] }).Notes.ShouldContain(static note => note.Contains("count against several grants"));
    }

    [Fact]
    public void Only_what_lies_in_the_time_of_a_grant_costs_it()
    {
        var request = Request(ReportKind.Grant) with
        {
            Records = [new() { From = Start.AddDays(-2), Until = Start.AddDays(2), User = "ann", Simulation = "s-1", CoresHeld = 1, Amounts = new() { Cores = 4 * 24 * 3600, Attempts = 1 } }, new() { From = Start, Until = Start.AddDays(10), User = "ann", CoresHeld = 1, Amounts = new() { Cores = 10 * 24 * 3600, Attempts = 1 } }],
        };

        var rows = Reporter.Make(request).Tables.Single(static table => table.Name == "cost_breakdown").Rows;

        ((double)rows[0][2]!).ShouldBe(12 * 24, 1e-6);
    }

    [Fact]
    public void The_forecast_has_columns_for_each_resource_that_was_used()
    {
        var plain = Reporter.Make(Request(ReportKind.Forecast)).Tables[0].Columns;
        plain.ShouldNotContain("memory_forecast");
        plain[^1].ShouldBe("cpu_planned");

        var report = Reporter.Make(WithMemory(Request(ReportKind.Forecast)));

        report.Tables[0].Columns.ShouldBe(["date", "cpu_forecast", "cpu_lower", "cpu_upper", "gpu_forecast", "gpu_lower", "gpu_upper", "memory_forecast", "memory_lower", "memory_upper", "storage_forecast", "storage_lower", "storage_upper", "cpu_planned"]);
        report.Tables[0].Rows.ShouldAllBe(row => row.Length == report.Tables[0].Columns.Length);
        var totals = report.Tables.Single(static table => table.Name == "totals");
        totals.Rows.Select(static row => row[0]).ShouldBe(["cpu", "gpu", "memory", "storage"]);
        totals.Rows.ShouldAllBe(static row => (double)row[2]! > 0 && (double)row[7]! > 0);
    }

    [Fact]
    public void Capacity_is_told_of_each_resource_that_is_limited_and_was_used()
    {
        var rows = Reporter.Make(WithMemory(Request(ReportKind.Capacity)) with { Cores = 100, Gpus = 4, Memory = 64.0 * (1L << 30) }).Tables.Single(static table => table.Name == "resources").Rows;

        rows.Select(static row => (row[0], row[9])).ShouldBe([("cpu", "core-hours"), ("gpu", "GPU-hours"), ("memory", "GiB-hours")]);
        rows.ShouldAllBe(static row => (double)row[8]! > 0 && (double)row[7]! > 0 && (double)row[1]! > (double)row[7]!);
        rows.Select(static row => row[6] is null).ShouldBe([false, true, true]);
        Reporter.Make(Request(ReportKind.Capacity)).Tables.Single(static table => table.Name == "resources").Rows.ShouldHaveSingleItem();
        Should.Throw<ForecastException>(() => Reporter.Make(Request(ReportKind.Capacity) with { Gpus = -1 })).Message.ShouldContain("the machine has -1 GPUs; allowed: above 0");
    }

    [Fact]
    public void Utilization_tells_what_is_nearly_full_and_the_days_of_the_week()
    {
        var report = Reporter.Make(Request(ReportKind.Utilization) with { Cores = 10, Gpus = 1000 });

        report.Tables.Single(static table => table.Name == "bottlenecks").Rows.Select(static row => row[0]).ShouldBe(["cpu"]);
        var weekdays = report.Tables.Single(static table => table.Name == "weekdays").Rows;
        weekdays.Select(static row => row[0]).ShouldBe(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]);
        weekdays.Select(static row => (bool)row[2]!).ShouldBe([false, false, false, false, false, true, true]);
        Reporter.Make(Request(ReportKind.Utilization) with { Cores = null }).Tables.Single(static table => table.Name == "bottlenecks").Rows.ShouldBeEmpty();
    }

    [Fact]
    public void A_recommendation_that_was_carried_out_is_marked_in_a_report_of_its_own_id()
    {
        var report = Reporter.Make(Request(ReportKind.Recommendation));
        var row = report.Tables[0].Rows[0];

        var marked = ReportMarks.Implemented(report, (string)row[0]!, (string)row[1]!, Start.AddYears(1), 12.5);

        marked.Id.ShouldNotBe(report.Id);
        marked.Tables[0].Rows[0][^2..].ShouldBe([Start.AddYears(1), 12.5]);
        ReportCopy.Read(ReportCopy.Write(marked)).Tables[0].Rows[0][^1].ShouldBe(12.5);
        Should.Throw<ForecastException>(() => ReportMarks.Implemented(report, "nobody", "cpu", Start, null)).Message.ShouldContain($"allowed: {row[0]} {row[1]}");
        Should.Throw<ForecastException>(() => ReportMarks.Implemented(Reporter.Make(Request(ReportKind.Forecast)), "a", "cpu", Start, null)).Message.ShouldContain("no report of recommendations");
    }

    [Fact]
    public void Names_of_users_are_harmless_in_every_format()
    {
        var request = Request(ReportKind.Comparison);
        var report = Reporter.Make(request with { Records = [.. request.Records.Select(static record => record with { User = "<b>\"a,|b\"" })] });

        Written(report, ReportFormat.Html).ShouldNotContain("<b>");
        Written(report, ReportFormat.Csv).ShouldContain("\"<b>\"\"a,|b\"\"\"");
        Written(report, ReportFormat.Markdown).ShouldContain("\\|b");
        Written(report, ReportFormat.Markdown).ShouldNotContain("<b>");
        var broken = Reporter.Make(request with { Records = [.. request.Records.Select(static record => record with { User = "a\nb" })] });
        Written(broken, ReportFormat.Markdown).ShouldContain("| a b |");
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

    private static ReportRequest WithMemory(ReportRequest request) => request with
    {
        Records = [.. request.Records.Select(static record => record with { Amounts = record.Amounts with { Memory = 4.0 * (1L << 30) * (record.Until - record.From).TotalSeconds, Storage = 1L << 30 } })],
    };

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
