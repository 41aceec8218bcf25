using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Silo.Tests;

/// <summary>What is removed of an attempt that is over, on a disk.</summary>
public sealed class RunFilesTests
{
    private static readonly AttemptId Attempt = new(new SimulationId("s-1"), "coupled", 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(RunFiles.All, "checkpoints/step-1.fresh.partial/state checkpoints/step-1.manifest checkpoints/step-1/state checkpoints/step-2.partial/half exit pid run/deep/history.nc run/log stderr stdout")]
    [InlineData(RunFiles.Finished, "checkpoints/step-1.fresh.partial/state checkpoints/step-1.manifest checkpoints/step-1/state exit pid run/deep/history.nc run/log stderr stdout")]
    [InlineData(RunFiles.Logs, "checkpoints/step-1.fresh.partial/state checkpoints/step-1.manifest checkpoints/step-1/state exit pid stderr stdout")]
    [InlineData(RunFiles.Traces, "checkpoints/step-1.fresh.partial/state checkpoints/step-1.manifest checkpoints/step-1/state exit pid")]
    public async Task What_stays_is_what_was_said_and_doing_it_again_changes_nothing(RunFiles keep, string left)
    {
        using var directory = new TemporaryDirectory();
        var attempt = Lay(directory);
        var files = new RunFilesOnDisk(directory.Path);

        (await files.ClearAsync(new() { Attempt = Attempt, Keep = keep }, Token)).ShouldBeTrue();
        (await files.ClearAsync(new() { Attempt = Attempt, Keep = keep }, Token)).ShouldBeTrue();

        string.Join(' ', Left(attempt)).ShouldBe(left);
        Directory.Exists(directory.File("runs/s-1/coupled/e4/run")).ShouldBeTrue("another attempt's");
    }

    [Fact]
    public async Task What_was_never_there_is_no_error()
    {
        using var directory = new TemporaryDirectory();

        (await new RunFilesOnDisk(directory.Path).ClearAsync(new() { Attempt = Attempt, Keep = RunFiles.Traces }, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task No_link_is_followed()
    {
        using var directory = new TemporaryDirectory();
        var attempt = Lay(directory);
        var elsewhere = Directory.CreateDirectory(directory.File("elsewhere")).FullName;
        await File.WriteAllTextAsync(Path.Combine(elsewhere, "precious"), "", Token);
        Directory.CreateSymbolicLink(Path.Combine(attempt, "run", "link"), elsewhere);
        Directory.CreateSymbolicLink(directory.File("runs/s-2"), directory.File("runs/s-1"));
        var files = new RunFilesOnDisk(directory.Path);

        (await files.ClearAsync(new() { Attempt = new(new SimulationId("s-2"), "coupled", 3), Keep = RunFiles.Logs }, Token)).ShouldBeFalse();
        Directory.Exists(Path.Combine(attempt, "run")).ShouldBeTrue();
        (await files.ClearAsync(new() { Attempt = Attempt, Keep = RunFiles.Logs }, Token)).ShouldBeTrue();

        Directory.Exists(Path.Combine(attempt, "run")).ShouldBeFalse();
        File.Exists(Path.Combine(elsewhere, "precious")).ShouldBeTrue();
    }

    private static string Lay(TemporaryDirectory directory)
    {
        var attempt = directory.File("runs/s-1/coupled/e3");
        foreach (var file in new[] { "run/log", "run/deep/history.nc", "checkpoints/step-1/state", "checkpoints/step-1.manifest", "checkpoints/step-1.fresh.partial/state", "checkpoints/step-2.partial/half", "stdout", "stderr", "pid", "exit", "../e4/run/log" })
        {
            var path = Path.Combine(attempt, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, file);
        }

        return attempt;
    }

    private static IEnumerable<string> Left(string attempt) => Directory.EnumerateFiles(attempt, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(attempt, path)).Order(StringComparer.Ordinal);
}
