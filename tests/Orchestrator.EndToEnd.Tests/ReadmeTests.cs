using System.Diagnostics;
using System.Text.RegularExpressions;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What the README shows is what there is.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Documents = Path.Combine(AppContext.BaseDirectory, "Documents");

    [Fact]
    public async Task The_client_of_the_README_is_part_of_the_example_which_submits_a_simulation_and_follows_it_to_its_end()
    {
        var example = Lines(await File.ReadAllTextAsync(Path.Combine(Documents, "Program.cs"), TestContext.Current.CancellationToken));
        var snippet = Lines(Snippet().Match(await ReadmeAsync()).Groups[1].Value);
        snippet.ShouldNotBeEmpty();
        var at = 0;
        foreach (var line in snippet)
        {
            at = Array.FindIndex(example, at, candidate => candidate.Contains(line, StringComparison.Ordinal)) + 1;
            at.ShouldBeGreaterThan(0, $"the example has no such line behind the one before: {line}");
        }

        using var deployment = new Deployment(window: 5);
        await deployment.StartAsync("one");
        using var client = Start("client-example", deployment.Data);
        var output = await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);

        client.ExitCode.ShouldBe(0, output);
        output.ShouldContain("registered n-example");
        (await deployment.EndOfAsync("s-client-example")).Status.ShouldBe(SimulationStatus.Completed);
        (await File.ReadAllTextAsync(deployment.ResultOf("s-client-example", "greet", "greeting"), TestContext.Current.CancellationToken)).ShouldBe("hello\n");
    }

    [Fact]
    public async Task Every_command_and_option_of_the_README_exists()
    {
        var lines = Command().Matches(await ReadmeAsync());
        lines.Count.ShouldBeGreaterThan(3);
        foreach (Match line in lines)
        {
            using var help = Start("orchestrator", Documents, line.Groups[1].Value, "--help");
            var output = await help.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await help.WaitForExitAsync(TestContext.Current.CancellationToken);

            help.ExitCode.ShouldBe(0, line.Value);
            output.ShouldContain($"orchestrator {line.Groups[1].Value}", customMessage: line.Value);
            foreach (Match option in Option().Matches(line.Value))
            {
                output.ShouldContain(option.Value, customMessage: line.Value);
            }
        }
    }

    private static Task<string> ReadmeAsync() => File.ReadAllTextAsync(Path.Combine(Documents, "README.md"), TestContext.Current.CancellationToken);

    private static string[] Lines(string text) => [.. text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 1)];

    private static Process Start(string program, string data, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, program), arguments) { RedirectStandardOutput = true };
        start.Environment["ORCHESTRATOR_DATA"] = data;
        return Process.Start(start)!;
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex("^    orchestrator ([a-z]+)[^#\n]*", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Option();
}
