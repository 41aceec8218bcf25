using System.CommandLine;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Cli.Tests.Replay;

public sealed class ReplayCommandTests : IDisposable
{
    private const string Trace = "job,submit,run,procs,req_time,user,other\n1,0,10,2,20,ann,x\n2,0,100,3,100,bob,x\n3,5,8,2,10,ann,x\n4,6,5,9,10,bob,x\n";

    private const string TwoDays = """
        replay: two-days
        duration: 2d
        seed: 3
        machine:
          - { name: blade, nodes: 20, cores: 8, memory: 32G, failures: { mean_time_between: 20d, repair: { time: 1h } } }
        windows:
          - { id: firmware, severity: major, at: 1d, duration: 1h, nodes: 1..4 }
        simulations:
          - { name: climate, count: 2, nodes: 2, duration: 30h, class: critical, protected: true }
        users:
          - { name: students, count: 3, load: 2, class: low, nodes: 1..2, time: 1h..4h, checkpoints: 0.5 }
        expect: { utilization: 0.5, preemptions: 0 }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task The_jobs_and_the_summary_are_written_as_scripts_expect_them()
    {
        var (status, output, error) = await RunAsync(File("a.csv", Trace), "--policy", "easy", "--processors", "4", "--jobs-out", Place("jobs.csv"), "--summary", Place("summary.json"));

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        (await System.IO.File.ReadAllLinesAsync(Place("jobs.csv"), TestContext.Current.CancellationToken)).ShouldBe(
        [
            "job,submit,start,end,procs,wait,run,user,hosts", "1,0,0,10,2,0,10,ann,", "2,0,13,113,3,13,100,bob,", "3,5,5,13,2,0,8,ann,",
        ]);
        using var summary = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(Place("summary.json"), TestContext.Current.CancellationToken));
        double Number(string name) => summary.RootElement.GetProperty(name).GetDouble();
        Number("jobs").ShouldBe(3);
        Number("skipped").ShouldBe(1);
        Number("meanWait").ShouldBe(13 / 3.0, 1e-9);
        Number("maxWait").ShouldBe(13);
        Number("avgBoundedSlowdown").ShouldBe((1 + 1.13 + 1) / 3, 1e-9);
        Number("makespan").ShouldBe(113);
        Number("utilization").ShouldBe((20 + 300 + 16) / (4.0 * 113), 1e-9);
        Number("energyJoules").ShouldBe((95 * 4 * 113) + ((190.738 - 95) * 336), 1e-3);
        Number("lostWork").ShouldBe(0);
        Number("preemptions").ShouldBe(0);
        Number("fairness").ShouldBeInRange(0.5, 1);
        summary.RootElement.GetProperty("policy").GetString().ShouldBe("easy");
        summary.RootElement.GetProperty("trace").GetString().ShouldBe("a.csv");
        output.ShouldContain("left out: 1 larger than the machine");
        output.ShouldContain("mean wait");
        folder.GetFiles().Length.ShouldBe(3);
    }

    [Fact]
    public async Task Json_is_the_summary_on_standard_output()
    {
        var (status, output, _) = await RunAsync(File("a.csv", Trace), "--policy", "fcfs", "--processors", "4", "--estimates", "perfect", "--load", "2", "--json");

        status.ShouldBe(0);
        var summary = JsonDocument.Parse(output).RootElement;
        summary.GetProperty("estimates").GetString().ShouldBe("perfect");
        summary.GetProperty("load").GetDouble().ShouldBe(2);
    }

    [Fact]
    public async Task The_hosts_of_a_workload_of_Batsim_have_names()
    {
        const string Workload = """{"nb_res": 3, "jobs": [{"id": "a", "subtime": 0.5, "res": 2, "walltime": 9, "profile": "p"}, {"id": "b", "subtime": 1, "res": 1, "walltime": 9, "profile": "p"}], "profiles": {"p": {"type": "delay", "delay": 2.25}}}""";

        var (status, _, error) = await RunAsync(File("w.json", Workload), "--policy", "easy", "--jobs-out", Place("jobs.csv"));

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        (await System.IO.File.ReadAllLinesAsync(Place("jobs.csv"), TestContext.Current.CancellationToken))[1..].ShouldBe(["a,0.5,0.5,2.75,2,0,2.25,,0-1", "b,1,1,3.25,1,0,2.25,,2"]);
    }

    [Fact]
    public async Task A_policy_file_rules_the_replay_and_its_mistakes_are_told_at_once()
    {
        var (status, output, error) = await RunAsync(File("a.csv", Trace), "--policy", File("good.yaml", "preset: easy\nenergy: { mode: efficiency, off_after: 60s }\n"), "--processors", "4", "--json");
        var (bad, _, mistakes) = await RunAsync(File("a.csv", Trace), "--policy", File("bad.yaml", "preset: quick\nbackfill: { reservations: -3 }\n"), "--processors", "4");

        (status, error).ShouldBe((0, ""));
        JsonDocument.Parse(output).RootElement.GetProperty("maxWait").GetDouble().ShouldBe(13);
        bad.ShouldBe(2);
        mistakes.ShouldContain("bad.yaml:1:9 preset: ");
        mistakes.ShouldContain("bad.yaml:2:27 backfill.reservations: ");
    }

    [Theory]
    [InlineData("--policy nonsense --processors 4", "--policy: there is no policy and no file 'nonsense'; allowed: fcfs, easy,")]
    [InlineData("--policy easy", "does not say how large its machine is: give --processors")]
    [InlineData("--processors 1 --policy easy", "a.csv has no job that a machine of 1 processors could run")]
    [InlineData("--processors 4 --jobs-out /nonexistent/x.csv", "/nonexistent/x.csv cannot be written")]
    public async Task What_cannot_be_done_is_told_in_a_line(string options, string message)
    {
        var (status, output, error) = await RunAsync([File("a.csv", Trace), .. options.Split(' ')]);

        status.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain(message);
        error.Trim().ShouldNotContain('\n');
        folder.GetFiles().Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("--processors", "0"), InlineData("--processors", "x"), InlineData("--load", "-1"), InlineData("--load", "NaN"), InlineData("--estimates", "good"), InlineData("--events", "never")]
    public void Options_out_of_their_range_are_wrong_usage(string option, string value) =>
        CommandTree.Create().Parse(["replay", "a.csv", option, value]).Errors.ShouldNotBeEmpty();

    [Fact]
    public async Task A_broken_trace_is_told_with_its_place_and_changes_nothing()
    {
        await System.IO.File.WriteAllTextAsync(Place("jobs.csv"), "older", TestContext.Current.CancellationToken);

        var (status, _, error) = await RunAsync(File("a.swf", "; MaxProcs: 4\n1 0 -1 5 1 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1\n"), "--policy", "easy", "--jobs-out", Place("jobs.csv"));

        status.ShouldBe(2);
        error.ShouldContain("a.swf:2: 17 fields; a job has 18");
        (await System.IO.File.ReadAllTextAsync(Place("jobs.csv"), TestContext.Current.CancellationToken)).ShouldBe("older");
        folder.GetFiles().Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_trace_that_is_cut_off_or_missing_is_told()
    {
        using (var packed = new GZipStream(System.IO.File.Create(Place("a.csv.gz")), CompressionLevel.Optimal))
        {
            packed.Write(Encoding.UTF8.GetBytes(Trace));
        }

        using (var file = System.IO.File.OpenWrite(Place("a.csv.gz")))
        {
            file.SetLength(file.Length - 3);
        }

        (await RunAsync(Place("a.csv.gz"), "--processors", "4")).Error.ShouldContain("a.csv.gz: the compressed data is damaged or cut off");
        (await RunAsync(Place("b.csv"), "--processors", "4")).Status.ShouldBe(2);
    }

    [Fact]
    public async Task Days_of_a_cluster_of_our_own_are_told_in_words_in_json_and_job_by_job()
    {
        var script = File("two-days.yaml", TwoDays);

        var (status, output, error) = await RunAsync(script, "--jobs-out", Place("jobs.csv"), "--summary", Place("summary.json"));

        error.ShouldBeEmpty();
        status.ShouldBe(0);
        output.ShouldContain("two-days: 2 days, 20 nodes, policy of the file, seed 3");
        output.ShouldContain("utilization of all node-hours");
        output.ShouldContain("utilization of available node-hours");
        var summary = JsonDocument.Parse(await System.IO.File.ReadAllTextAsync(Place("summary.json"), TestContext.Current.CancellationToken)).RootElement;
        summary.GetProperty("nodes").GetInt32().ShouldBe(20);
        summary.GetProperty("preemptions").GetProperty("ofProtected").GetInt32().ShouldBe(0);
        summary.GetProperty("utilization").GetDouble().ShouldBeInRange(0.5, summary.GetProperty("utilizationOfAvailable").GetDouble());
        var hours = summary.GetProperty("nodeHours");
        new[] { "used", "idle", "down", "window" }.Sum(part => hours.GetProperty(part).GetDouble()).ShouldBe(960, 1e-6);
        (await System.IO.File.ReadAllLinesAsync(Place("jobs.csv"), TestContext.Current.CancellationToken)).Length.ShouldBeGreaterThan(3);

        (await RunAsync(script, "--json")).Output.ShouldBe(await System.IO.File.ReadAllTextAsync(Place("summary.json"), TestContext.Current.CancellationToken));
        (await RunAsync(script, "--seed", "4", "--policy", "easy")).Output.ShouldContain("policy easy, seed 4");
    }

    [Fact]
    public async Task A_cluster_that_is_described_wrongly_is_told_with_all_fields_and_changes_nothing()
    {
        var wrong = TwoDays.Replace("seed: 3", "seed: three", StringComparison.Ordinal).Replace("nodes: 1..4", "nodes: 1..40", StringComparison.Ordinal);

        var (status, output, error) = await RunAsync(File("wrong.yaml", wrong), "--jobs-out", Place("jobs.csv"));

        status.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain("wrong.yaml:3:");
        error.ShouldContain("seed");
        error.ShouldContain("windows[0].nodes");
        folder.GetFiles().Length.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_not_as_expected_is_told_and_sets_the_exit_status()
    {
        var (status, output, _) = await RunAsync(File("strict.yaml", TwoDays.Replace("utilization: 0.5", "utilization: 1", StringComparison.Ordinal)));

        status.ShouldBe(1);
        output.ShouldContain("not as expected: utilization is");
    }

    [Fact]
    public async Task Stopped_by_Ctrl_C_it_leaves_no_file()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        var (status, _, error) = await RunAsync(stop.Token, File("a.csv", Trace), "--policy", "easy", "--processors", "4", "--jobs-out", Place("jobs.csv"), "--summary", Place("summary.json"));

        status.ShouldBe(130);
        error.ShouldContain("stopped; no file was written");
        folder.GetFiles().Length.ShouldBe(1);
    }

    private static Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(TestContext.Current.CancellationToken, arguments);

    private static async Task<(int Status, string Output, string Error)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandTree.Create().Parse(["replay", .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, cancellationToken);
        return (status, output.ToString(), error.ToString());
    }

    private string File(string name, string text)
    {
        System.IO.File.WriteAllText(Place(name), text);
        return Place(name);
    }

    private string Place(string name) => Path.Combine(folder.FullName, name);
}
