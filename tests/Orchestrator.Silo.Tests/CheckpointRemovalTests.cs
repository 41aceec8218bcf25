using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;

namespace Orchestrator.Silo.Tests;

/// <summary>What is removed of a pruned checkpoint, on a disk.</summary>
public sealed class CheckpointRemovalTests
{
    private static readonly CheckpointRecord Pruned = new() { Name = "e3/step-1", Attempt = new(new SimulationId("s-1"), "coupled", 3), Path = "runs/s-1/coupled/e3/checkpoints/step-1.manifest" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Its_files_go_also_where_a_site_has_put_all_runs_elsewhere(bool isElsewhere)
    {
        using var directory = new TemporaryDirectory();
        if (isElsewhere)
        {
            Directory.CreateDirectory(directory.File("scratch"));
            Directory.CreateSymbolicLink(directory.File("runs"), directory.File("scratch"));
        }

        var (checkpoint, other) = (Lay(directory, "step-1"), Lay(directory, "step-2"));

        await Files(directory).DeleteAsync(Pruned, Token);
        await Files(directory).DeleteAsync(Pruned, Token);

        Directory.Exists(checkpoint).ShouldBeFalse();
        File.Exists(checkpoint + ".manifest").ShouldBeFalse();
        File.Exists(Path.Combine(other, "deep/state")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("runs/s-2/coupled/e3/checkpoints/step-1.manifest")]
    [InlineData("runs/s-1/other/e3/checkpoints/step-1.manifest")]
    [InlineData("runs/s-1/coupled/../../s-1/coupled/e3/checkpoints/step-1.manifest")]
    [InlineData("results/s-1/coupled/step-1.manifest")]
    [InlineData("")]
    public async Task What_is_not_of_its_own_stage_is_never_removed(string path)
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("runs/s-1/coupled/e3/checkpoints/step-1"));
        var file = directory.File(path.Length == 0 ? "precious" : Path.ChangeExtension(path, null) + "/state");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "", Token);

        await Files(directory).DeleteAsync(Pruned with { Path = path }, Token);

        File.Exists(file).ShouldBeTrue();
    }

    [Fact]
    public async Task No_link_below_the_runs_is_followed()
    {
        using var directory = new TemporaryDirectory();
        var precious = directory.File("elsewhere/e3/checkpoints/step-1/state");
        Directory.CreateDirectory(Path.GetDirectoryName(precious)!);
        await File.WriteAllTextAsync(precious, "", Token);
        Directory.CreateDirectory(directory.File("runs/s-1"));
        Directory.CreateSymbolicLink(directory.File("runs/s-1/coupled"), directory.File("elsewhere"));

        await Files(directory).DeleteAsync(Pruned, Token);

        File.Exists(precious).ShouldBeTrue();
    }

    private static CheckpointFilesOnDisk Files(TemporaryDirectory directory) => new(directory.Path, static () => { });

    private static string Lay(TemporaryDirectory directory, string name)
    {
        var checkpoint = directory.File($"runs/s-1/coupled/e3/checkpoints/{name}");
        Directory.CreateDirectory(Path.Combine(checkpoint, "deep"));
        File.WriteAllText(Path.Combine(checkpoint, "deep/state"), name);
        File.WriteAllText(checkpoint + ".manifest", "{}");
        return checkpoint;
    }
}
