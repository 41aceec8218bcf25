using System.Security.Cryptography;
using System.Text;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.CheckpointStore;

namespace Orchestrator.Agent.Tests;

public sealed class AppendedFilesTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task What_a_completed_attempt_published_of_them_is_taken_back_from_the_results_as_it_was_at_the_checkpoint()
    {
        Write("published/log", "line 1\nline 2\nline 3\n");

        (await RestoreAsync("line 1\nline 2\n")).ShouldBeNull();

        File.ReadAllText(Path.Combine(root, "new/log")).ShouldBe("line 1\nline 2\n");
    }

    [Fact]
    public async Task The_run_that_made_the_checkpoint_comes_before_the_results()
    {
        Write("run/log", "line 1\nline 2\n");
        Write("published/log", "of another life\n");

        (await RestoreAsync("line 1\n")).ShouldBeNull();

        File.ReadAllText(Path.Combine(root, "new/log")).ShouldBe("line 1\n");
    }

    [Fact]
    public async Task Results_that_are_of_another_life_are_not_taken()
    {
        Write("published/log", "of another life\n");

        (await RestoreAsync("line 1\n")).ShouldNotBeNull().ShouldContain("have changed");

        File.Exists(Path.Combine(root, "new/log")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_neither_in_the_run_nor_published_is_told() => (await RestoreAsync("line 1\n")).ShouldNotBeNull().ShouldContain("cannot be rolled back");

    private Task<string?> RestoreAsync(string content)
    {
        var file = new ManifestFile { Name = "log", Size = Encoding.UTF8.GetByteCount(content), Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))) };
        return AppendedFiles.RestoreAsync([file], Path.Combine(root, "run"), Path.Combine(root, "published"), Path.Combine(root, "new"), TestContext.Current.CancellationToken);
    }

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, name))!);
        File.WriteAllText(Path.Combine(root, name), content);
    }
}
