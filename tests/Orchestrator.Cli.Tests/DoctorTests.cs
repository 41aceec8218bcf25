using System.Text.Json;

namespace Orchestrator.Cli.Tests;

public sealed class DoctorTests : IDisposable
{
    private readonly string data = Directory.CreateTempSubdirectory("orchestrator-cli-").FullName;

    [Fact]
    public async Task A_usual_directory_is_fit_and_nothing_is_left_in_it()
    {
        var (status, output, error) = await CommandLine.RunAsync("doctor", "--data", data);

        error.ShouldBeEmpty();
        output.ShouldContain("ok    data directory: locks hold");
        output.ShouldContain("ok    data directory: a rename replaces a file whole");
        output.ShouldContain("cores:");
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(static line => line.StartsWith("ok    ", StringComparison.Ordinal) || line.StartsWith("warn  ", StringComparison.Ordinal));
        status.ShouldBe(0);
        Directory.EnumerateFileSystemEntries(data).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_shared_folder_that_is_missing_fails_in_JSON_too()
    {
        var missing = Path.Combine(data, "input");

        var (status, output, _) = await CommandLine.RunAsync("doctor", "--data", data, "--shared", missing, "--json");

        using var findings = JsonDocument.Parse(output);
        findings.RootElement.EnumerateArray().ShouldContain(finding => finding.GetProperty("grade").GetString() == "fail" && finding.GetProperty("text").GetString()!.Contains(missing));
        status.ShouldBe(1);
    }

    public void Dispose() => Directory.Delete(data, recursive: true);
}
