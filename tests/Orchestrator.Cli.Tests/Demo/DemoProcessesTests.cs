using Orchestrator.Cli.Demo;

namespace Orchestrator.Cli.Tests.Demo;

public sealed class DemoProcessesTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-demo-");

    [Fact]
    public async Task What_left_its_session_and_lost_its_parent_is_killed_too()
    {
        using var processes = new DemoProcesses(Path.Combine(folder.FullName, "data"), folder.FullName);
        var pids = Path.Combine(folder.FullName, "pids");

        // The shell ends at once; what it leaves behind has another session and another parent.
        var status = await processes.RunShellAsync("tree", $"setsid sh -c 'echo $$ > {pids}; exec sleep 300' > /dev/null 2>&1 & while [ ! -s {pids} ]; do sleep 0.01; done", folder.FullName, new Dictionary<string, string>(), TestContext.Current.CancellationToken);
        var orphan = (await File.ReadAllTextAsync(pids, TestContext.Current.CancellationToken)).Trim();
        Directory.Exists($"/proc/{orphan}").ShouldBeTrue();
        processes.KillAll();

        status.ShouldBe(0);
        IsAlive(orphan).ShouldBeFalse();
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_refused_and_one_of_a_demo_is_used_again()
    {
        File.WriteAllText(Path.Combine(folder.FullName, "thesis.tex"), "");
        var mine = Path.Combine(folder.FullName, "demo");

        Should.Throw<IOException>(() => DemoFolder.Open(folder.FullName)).Message.ShouldContain("not empty");
        File.WriteAllText(Path.Combine(DemoFolder.Open(mine).Data, "left"), "");
        DemoFolder.Open(mine);

        File.Exists(Path.Combine(mine, "data", "left")).ShouldBeFalse();
        File.Exists(Path.Combine(folder.FullName, "thesis.tex")).ShouldBeTrue();
    }

    public void Dispose() => folder.Delete(recursive: true);

    private static bool IsAlive(string process) => File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
}
