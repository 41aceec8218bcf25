using System.CommandLine;
using System.Text.Json;

namespace Orchestrator.Cli.Tests;

public sealed class StoreCommandTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("orchestrator-store-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public async Task A_directory_is_stored_listed_verified_restored_and_pruned_without_a_silo()
    {
        Directory.CreateDirectory(At("run"));
        await File.WriteAllTextAsync(At("run/state"), "step 1", TestContext.Current.CancellationToken);
        var first = await JsonAsync("put", "--name", "climate", At("run"));
        await File.WriteAllTextAsync(At("run/state"), "step 22", TestContext.Current.CancellationToken);
        var second = await JsonAsync("put", "--name", "climate", "--compression", "gzip:6", "--incremental", At("run"));

        first.GetProperty("logical").GetInt64().ShouldBe(6);
        second.GetProperty("newChunks").GetInt64().ShouldBe(1);
        var id = first.GetProperty("id").GetString()!;
        (await RunAsync("list")).Output.ShouldContain(id);
        (await RunAsync("verify")).Output.ShouldContain("2 checkpoints are whole, 0 damaged");

        (await RunAsync("get", "climate", At("newest"))).Status.ShouldBe(0);
        (await RunAsync("get", id, At("first"))).Output.ShouldContain("every chunk proven");
        File.ReadAllText(At("newest/state")).ShouldBe("step 22");
        File.ReadAllText(At("first/state")).ShouldBe("step 1");

        (await RunAsync("flush", "climate", "--to", At("far"))).Output.ShouldContain("1 chunks");
        (await RunAsync("pin", id)).Output.ShouldContain("is pinned");
        (await RunAsync("prune", "--id", id)).ShouldBe((4, $"{id} stays: it is pinned\n0 checkpoints are gone, 0 B given back\n", ""));
        (await RunAsync("pin", id, "--off")).Status.ShouldBe(0);
        (await JsonAsync("prune", "--keep-last", "1")).GetProperty("gone")[0].GetString().ShouldBe(id);
        var measured = await JsonAsync("stats");
        measured.GetProperty("checkpoints").GetInt64().ShouldBe(1);
        measured.GetProperty("logical").GetInt64().ShouldBe(7);
        measured.GetProperty("chunks").GetInt64().ShouldBe(1);
        measured.GetProperty("seconds").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task What_cannot_be_done_is_one_line_and_an_exit_status()
    {
        await File.WriteAllTextAsync(At("file"), "x", TestContext.Current.CancellationToken);
        (await RunAsync("list")).ShouldSatisfyAllConditions(run => run.Status.ShouldBe(3), run => run.Error.ShouldContain("is no checkpoint store"));
        (await RunAsync("put", "--name", "c", At("missing"))).Status.ShouldBe(3);
        (await RunAsync("put", "--name", "a/b", At("file"))).Status.ShouldBe(2);
        (await RunAsync("put", "--name", "c", "--compression", "zip", At("file"))).ShouldSatisfyAllConditions(run => run.Status.ShouldBe(2), run => run.Error.ShouldContain("none, gzip, brotli, zstd, lz4"));
        (await RunAsync("put", "--name", "c", "--quota", "10", At("file"))).Status.ShouldBe(4);
        (await RunAsync("put", "--name", "c", "--quota", "much", At("file"))).Error.ShouldContain("--quota");
        (await RunAsync("put", "--name", "c", At("file"))).Status.ShouldBe(0);
        (await RunAsync("get", "nobody", At("target"))).ShouldSatisfyAllConditions(run => run.Status.ShouldBe(3), run => run.Error.ShouldContain("There is no checkpoint 'nobody'"));
        (await RunAsync("get", "c", At("store"))).ShouldSatisfyAllConditions(run => run.Status.ShouldBe(2), run => run.Error.ShouldContain("not empty"));

        foreach (var pack in Directory.GetFiles(At("store/packs")))
        {
            File.Delete(pack);
        }

        (await RunAsync("get", "c", At("target"))).Status.ShouldBe(1);
        (await RunAsync("verify")).Status.ShouldBe(1);
        Directory.Exists(At("target")).ShouldBeFalse();
    }

    private string At(string name) => Path.Combine(root, name);

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var (status, output, error) = await RunAsync([.. arguments, "--json"]);
        status.ShouldBe(0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    private async Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandTree.Create().Parse(["checkpoint", arguments[0], "--store", At("store"), .. arguments[1..]])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
        return (status, output.ToString(), error.ToString());
    }
}
