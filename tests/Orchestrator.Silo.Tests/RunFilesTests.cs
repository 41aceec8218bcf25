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

    [Theory]
    [InlineData("results/s-1/coupled/history.nc", "runs/s-1/coupled/e3/run/deep/history.nc")]
    [InlineData("results/s-1/coupled/plots/last", "runs/s-1/coupled/e3/run/deep")]
    [InlineData("runs/s-1/coupled/e3/checkpoints/step-1/state.nc", "runs/s-1/coupled/e3/run/log")]
    [InlineData("runs/s-1/coupled/e5/checkpoints/step-9/state.nc", "runs/s-1/coupled/e3/run/log")]
    [InlineData("runs/s-1/coupled/e5/run/former", "runs/s-1/coupled/e3/run")]
    public async Task A_run_directory_stays_as_long_as_a_link_of_what_stays_leads_into_it(string link, string target)
    {
        using var directory = new TemporaryDirectory();
        var attempt = Lay(directory);
        var (from, to) = (directory.File(link), directory.File(target));
        Directory.CreateDirectory(Path.GetDirectoryName(from)!);
        File.CreateSymbolicLink(from, link.StartsWith("results", StringComparison.Ordinal) ? to : Path.GetRelativePath(Path.GetDirectoryName(from)!, to));
        var files = new RunFilesOnDisk(directory.Path);

        (await files.ClearAsync(new() { Attempt = Attempt, Keep = RunFiles.Logs }, Token)).ShouldBeFalse();
        File.Exists(Path.Combine(attempt, "run/deep/history.nc")).ShouldBeTrue();
        File.Exists(Path.Combine(attempt, "run/log")).ShouldBeTrue();

        File.Delete(from);
        (await files.ClearAsync(new() { Attempt = Attempt, Keep = RunFiles.Logs }, Token)).ShouldBeTrue();
        Directory.Exists(Path.Combine(attempt, "run")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/home/ana/data/runs/s-1/coupled/e3/run/mnt", true)]
    [InlineData("/home/ana/data/runs/s-1/coupled/e3/run", true)]
    [InlineData("/home/ana/data/runs/s-1/coupled/e31/run/mnt", false)]
    [InlineData("/home/ana/data/runs/s-1/coupled/e3", false)]
    [InlineData("/", false)]
    public void What_is_mounted_in_a_run_directory_lies_elsewhere_and_is_not_emptied_with_it(string point, bool isIn) =>
        RunLinks.IsMountedIn(["29 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw", $"71 29 0:52 / {point} rw,nosuid shared:9 - fuse.sshfs archive:/ rw", ""], Attempt).ShouldBe(isIn);

    [Fact]
    public async Task However_many_are_to_be_removed_at_once_all_go()
    {
        using var directory = new TemporaryDirectory();
        var attempts = Enumerable.Range(1, 40).Select(epoch => Attempt with { Epoch = epoch }).ToList();
        attempts.ForEach(attempt => Directory.CreateDirectory(Path.Combine(directory.Path, RunLayout.RunDirectory(attempt), "deep")));
        var files = new RunFilesOnDisk(directory.Path);

        var removed = await Task.WhenAll(attempts.Select(attempt => files.ClearAsync(new() { Attempt = attempt, Keep = RunFiles.Logs }, Token)));

        removed.ShouldAllBe(static one => one);
        attempts.ShouldAllBe(attempt => !Directory.Exists(Path.Combine(directory.Path, RunLayout.RunDirectory(attempt))));
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
