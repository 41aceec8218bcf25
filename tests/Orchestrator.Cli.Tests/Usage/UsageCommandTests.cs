using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Cli.Tests.Usage;

public sealed class UsageCommandTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Use_of_a_batch_system_is_a_table_that_forecast_reads()
    {
        var (status, csv, error) = await CommandLine.RunAsync("usage", Sacct(), "--by", "user", "--step", "day", "--csv");

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        csv.ShouldStartWith("user,time,jobs,core_hours,");
        var table = Path.Combine(folder.FullName, "use.csv");
        await File.WriteAllTextAsync(table, csv, TestContext.Current.CancellationToken);
        var (read, json, _) = await CommandLine.RunAsync("forecast", table, "--time", "time", "--value", "core_hours", "--by", "user", "--step", "day", "--horizon", "7", "--json");
        read.ShouldBe(0);
        using var document = JsonDocument.Parse(json);
        document.RootElement.GetProperty("series").GetArrayLength().ShouldBe(2);
    }

    [Theory]
    [InlineData("utilization"), InlineData("forecast"), InlineData("efficiency"), InlineData("comparison"), InlineData("capacity"), InlineData("recommendation"), InlineData("grant")]
    public async Task Every_report_is_a_page_of_its_own(string kind)
    {
        var grants = Path.Combine(folder.FullName, "grants.csv");
        await File.WriteAllTextAsync(grants, "grant,allocation,from,until,pull_back,used_at_least\ng,100000,2024-01-01,2024-12-31,2024-07-01,0.5\n", TestContext.Current.CancellationToken);
        var page = Path.Combine(folder.FullName, "page.html");

        var (status, output, error) = await CommandLine.RunAsync("report", kind, Sacct(), "--cores", "64", "--grants", grants, "--horizon", "30", "--out", page);

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        output.ShouldContain("page.html");
        (await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken)).ShouldStartWith("<!doctype html>");
    }

    [Fact]
    public async Task A_report_of_one_project_takes_only_what_it_used_and_one_that_used_nothing_is_told_with_those_that_did()
    {
        var (status, output, error) = await CommandLine.RunAsync("report", "utilization", Sacct(), "--project", "climate");
        (status, error).ShouldBe((0, ""));
        output.ShouldContain("only project climate");

        (status, _, error) = await CommandLine.RunAsync("report", "utilization", Sacct(), "--project", "oceans");
        status.ShouldBe(2);
        error.ShouldContain("--project oceans: it used nothing; these did: climate");

        (status, _, error) = await CommandLine.RunAsync("report", "capacity", Sacct(), "--cores", "64", "--memory", "much");
        status.ShouldBe(2);
        error.ShouldContain("--memory ");

        (status, _, error) = await CommandLine.RunAsync("report", "utilization", Sacct(), "--project", "a/b/c");
        status.ShouldBe(2);
        error.ShouldContain("--project: project: 'a/b/c' is no project");
    }

    [Fact]
    public async Task A_log_that_is_none_exits_2_and_says_what_is_missing()
    {
        var path = Path.Combine(folder.FullName, "x.txt");
        await File.WriteAllTextAsync(path, "hello\n", TestContext.Current.CancellationToken);

        var (status, output, error) = await CommandLine.RunAsync("usage", path);

        status.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain("x.txt:1: no column JobID");
    }

    [Fact]
    public async Task Without_a_service_it_says_how_to_start_one()
    {
        var (status, _, error) = await CommandLine.RunAsync("report", "health", "--data", folder.FullName);

        status.ShouldBe(3);
        error.ShouldContain("nothing runs on");
    }

    private string Sacct()
    {
        var random = new Random(3);
        var text = new StringBuilder("JobID|User|Account|Submit|Start|End|AllocCPUS|TotalCPU|Timelimit\n");
        for (var job = 0; job < 300; job++)
        {
            var start = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(job * 7);
            text.Append(CultureInfo.InvariantCulture, $"{job}|{(job % 2 == 0 ? "ann" : "bob")}|climate|{start.AddHours(-1):s}|{start:s}|{start.AddHours(1 + (4 * random.NextDouble())):s}|16|10:00:00|1-00:00:00\n");
        }

        var path = Path.Combine(folder.FullName, "sacct.txt");
        File.WriteAllText(path, text.ToString());
        return path;
    }
}
