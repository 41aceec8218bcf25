using System.Diagnostics;
using System.Text.Json;

namespace Orchestrator.Cli.Tests;

/// <summary><c>orchestrator run</c> with real processes.</summary>
public sealed class RunTests : IDisposable
{
    private readonly string data = Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_whose_silo_is_killed_completes_without_doing_anything_twice_and_nothing_is_left_running()
    {
        var go = Path.Combine(data, "go");
        var file = Path.Combine(data, "wait.yaml");
        await File.WriteAllTextAsync(
            file, $"name: wait\nproject: x/y\nstages:\n  one:\n    run: echo once >> {data}/starts; while [ ! -e {go} ]; do sleep 0.1; done; echo done > out.txt\n    duration: 5s\n    outputs: [out.txt]\n", Token);
        using var run = CommandLine.Start("run", file, "--agents", "1", "--json", "--data", data);
        var story = run.StandardError.ReadToEndAsync(Token);

        await ReadUntilAsync(run, "stage-started");
        var silo = SiloOf(data);
        silo.Kill();
        await silo.WaitForExitAsync(Token);
        await File.WriteAllTextAsync(go, "", Token);
        var last = await ReadUntilAsync(run, "simulation-completed");
        var rest = await run.StandardOutput.ReadToEndAsync(Token);
        await run.WaitForExitAsync(Token);

        run.ExitCode.ShouldBe(0, await story);
        last.ShouldContain("s-wait");
        using var campaign = JsonDocument.Parse(rest.Trim().Split('\n')[^1]);
        campaign.RootElement.GetProperty("statuses").GetProperty("completed").GetInt32().ShouldBe(1);
        (await File.ReadAllLinesAsync(Path.Combine(data, "starts"), Token)).Length.ShouldBe(1);
        (await story).ShouldContain("the silo died");
        File.Exists(Path.Combine(data, "gateway.json")).ShouldBeFalse();
        Directory.EnumerateFiles(Path.Combine(data, "results"), "out.txt", SearchOption.AllDirectories).Count().ShouldBe(1);
        Directory.EnumerateDirectories("/proc").ShouldAllBe(process => !CommandLineOf(process).Contains(data));
    }

    public void Dispose() => Directory.Delete(data, recursive: true);

    private static Process SiloOf(string data)
    {
        using var endpoint = JsonDocument.Parse(File.ReadAllText(Path.Combine(data, "gateway.json")));
        return Process.GetProcessById(endpoint.RootElement.GetProperty("processId").GetInt32());
    }

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task<string> ReadUntilAsync(Process run, string kind)
    {
        while (await run.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            if (line.Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"the run ended without {kind}");
    }
}
