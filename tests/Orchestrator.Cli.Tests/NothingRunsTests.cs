namespace Orchestrator.Cli.Tests;

/// <summary>What commands say where nothing runs.</summary>
public sealed class NothingRunsTests : IDisposable
{
    private readonly string data = Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;

    [Theory]
    [InlineData("status"), InlineData("status x --json"), InlineData("watch"), InlineData("why x"), InlineData("results x"), InlineData("cancel x"), InlineData("pause s-1"), InlineData("resume x")]
    [InlineData("logs s-1"), InlineData("node list --json"), InlineData("node drain a"), InlineData("token list"), InlineData("backup b"), InlineData("down"), InlineData("submit climate.yaml")]
    public async Task One_line_says_that_nothing_runs_and_how_to_start_it(string arguments)
    {
        var (status, output, error) = await CommandLine.RunAsync([.. arguments.Split(' '), "--data", data]);

        output.ShouldBeEmpty();
        error.Trim().ShouldBe($"nothing runs on {data}: start it with `orchestrator up`");
        status.ShouldBe(3);
    }

    [Fact]
    public async Task A_name_that_is_none_is_refused_with_what_is_allowed()
    {
        var (status, _, error) = await CommandLine.RunAsync("logs", "x y", "--data", data);

        error.Trim().Split('\n').Length.ShouldBe(1);
        error.ShouldContain("\"s-\"");
        status.ShouldBe(2);
    }

    [Theory]
    [InlineData("submit"), InlineData("run")]
    public async Task A_campaign_that_cannot_be_read_is_one_line_and_exits_2(string command)
    {
        var (status, output, error) = await CommandLine.RunAsync(command, "no-such-file.yaml", "--data", data);

        output.ShouldBeEmpty();
        error.ShouldContain("no-such-file.yaml cannot be read");
        error.Trim().Split('\n').Length.ShouldBe(1);
        status.ShouldBe(2);
    }

    [Fact]
    public async Task A_campaign_with_mistakes_starts_nothing()
    {
        var file = Path.Combine(data, "wrong.yaml");
        await File.WriteAllTextAsync(file, "name: a\nproject: x/y\nstages:\n  one:\n    run: \"true\"\n    duration: 5\n", TestContext.Current.CancellationToken);

        var (status, _, error) = await CommandLine.RunAsync("run", file, "--data", data);

        error.ShouldContain($"{file}:6:");
        status.ShouldBe(2);
        Directory.Exists(Path.Combine(data, "logs")).ShouldBeFalse();
    }

    public void Dispose() => Directory.Delete(data, recursive: true);
}
