using System.Text.Json;

namespace Orchestrator.Cli.Tests;

public sealed class PlanTests
{
    [Fact]
    public async Task A_dry_run_needs_nothing_that_runs_and_tells_the_critical_path_and_the_end()
    {
        var data = Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;

        var (status, output, error) = await CommandLine.RunAsync("submit", "climate.yaml", "--dry-run", "--nodes", "4", "--cores", "1", "--data", data);

        error.ShouldBeEmpty();
        output.ShouldContain("critical path: spin-up → coupled → diagnostics");
        output.ShouldContain("on 4 nodes with 1 core each");
        output.ShouldContain("Nothing was submitted.");
        status.ShouldBe(0);
        Directory.Delete(data);
    }

    [Fact]
    public async Task A_stage_that_never_fits_exits_1()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;
        var file = Path.Combine(folder, "wide.yaml");
        await File.WriteAllTextAsync(file, "name: wide\nproject: x/y\nstages:\n  one:\n    run: \"true\"\n    nodes: 9\n    duration: 5m\n", TestContext.Current.CancellationToken);

        var (status, output, _) = await CommandLine.RunAsync("submit", file, "--dry-run", "--nodes", "2", "--cores", "1", "--json", "--data", folder);

        using var plan = JsonDocument.Parse(output);
        plan.RootElement.GetProperty("cannotStart").GetString().ShouldBe("one");
        status.ShouldBe(1);
        Directory.Delete(folder, recursive: true);
    }
}
