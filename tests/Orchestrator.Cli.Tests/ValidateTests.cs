using System.Text.Json;

namespace Orchestrator.Cli.Tests;

public sealed class ValidateTests
{
    [Fact]
    public async Task A_valid_campaign_is_summed_up_and_exits_0()
    {
        var (status, output, error) = await CommandLine.RunAsync("validate", "climate.yaml");

        error.ShouldBeEmpty();
        output.ShouldContain("climate.yaml: valid");
        output.ShouldContain("12 simulations, 36 stages");
        status.ShouldBe(0);
    }

    [Fact]
    public async Task The_same_as_JSON_names_every_simulation()
    {
        var (status, output, _) = await CommandLine.RunAsync("validate", "climate.yaml", "--json");

        using var report = JsonDocument.Parse(output);
        report.RootElement.GetProperty("valid").GetBoolean().ShouldBeTrue();
        report.RootElement.GetProperty("simulations").GetArrayLength().ShouldBe(12);
        status.ShouldBe(0);
    }

    [Fact]
    public async Task Mistakes_are_printed_with_file_and_line_and_exit_1()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("orchestrator-cli-").FullName, "wrong.yaml");
        await File.WriteAllTextAsync(file, "name: a\nproject: x/y\nstages:\n  one:\n    run: \"true\"\n    duration: 5\n    tread: 2\n", TestContext.Current.CancellationToken);

        var (status, output, error) = await CommandLine.RunAsync("validate", file);

        output.ShouldBeEmpty();
        error.ShouldContain($"{file}:6:");
        error.ShouldContain($"{file}:7:");
        error.ShouldContain("2 mistakes; nothing would be submitted.");
        error.ShouldNotContain("   at ");
        status.ShouldBe(1);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task A_deadline_that_is_over_is_warned_of()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("orchestrator-cli-").FullName, "late.yaml");
        await File.WriteAllTextAsync(file, "name: a\nproject: x/y\ndeadline: 2021-08-01T08:00:00Z\nstages: { one: { run: x, duration: 5m } }\n", TestContext.Current.CancellationToken);

        var (status, output, _) = await CommandLine.RunAsync("validate", file);
        var (_, json, _) = await CommandLine.RunAsync("validate", file, "--json");

        status.ShouldBe(0);
        output.ShouldContain("warning: deadline: 2021-08-01 08:00:00Z is over already; a moment to come is allowed. It would be refused.");
        using var report = JsonDocument.Parse(json);
        report.RootElement.GetProperty("warnings").GetArrayLength().ShouldBe(1);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_one_line_and_exits_2()
    {
        var (status, output, error) = await CommandLine.RunAsync("validate", "no-such-file.yaml");

        output.ShouldBeEmpty();
        error.Trim().Split('\n').Length.ShouldBe(1);
        error.ShouldContain("no-such-file.yaml cannot be read");
        status.ShouldBe(2);
    }
}
