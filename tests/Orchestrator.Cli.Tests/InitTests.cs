namespace Orchestrator.Cli.Tests;

public sealed class InitTests
{
    [Fact]
    public async Task A_new_campaign_file_is_valid_and_is_never_overwritten()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-cli-");
        var file = Path.Combine(folder.FullName, "mine.yaml");

        var written = await CommandLine.RunAsync("init", file);
        var checkedFile = await CommandLine.RunAsync("validate", file, "--nodes", "2");
        await File.AppendAllTextAsync(file, "# mine\n", TestContext.Current.CancellationToken);
        var again = await CommandLine.RunAsync("init", file);

        written.Status.ShouldBe(0);
        checkedFile.Error.ShouldBeEmpty();
        checkedFile.Output.ShouldContain("critical path: prepare → simulate → report, 7.0 s");
        checkedFile.Output.ShouldContain("on 2 nodes with 1 core each: 14 s");
        again.Status.ShouldBe(1);
        again.Error.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain("exists already");
        (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ShouldEndWith("# mine\n");
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_one_line_and_exits_2()
    {
        var (status, _, error) = await CommandLine.RunAsync("init", "/no/such/folder/mine.yaml");

        status.ShouldBe(2);
        error.Trim().Split('\n').ShouldHaveSingleItem().ShouldContain("cannot be written");
    }
}
