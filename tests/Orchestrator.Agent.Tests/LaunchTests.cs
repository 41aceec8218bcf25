using System.Collections.Immutable;
using Orchestrator.Agent.Machine;
using Orchestrator.Agent.Programs;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public class LaunchTests
{
    [Theory]
    [InlineData("no-such-program --seed 1", "The program no-such-program is not on the PATH of the agent")]
    [InlineData("A=1 B=2 no-such-program", "The program no-such-program is not on the PATH of the agent")]
    [InlineData("./missing.sh", "The program ./missing.sh does not exist.")]
    [InlineData("/etc/passwd", "The program /etc/passwd is not executable.")]
    [InlineData("/tmp", "The program /tmp is a directory.")]
    public async Task A_program_that_is_not_there_is_refused_in_a_sentence(string line, string reason)
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage(line));

        var refused = await world.Gateway.ReportAsync<AttemptReport.LaunchRefused>();
        refused.Reason.ShouldStartWith(reason);
        refused.NodeAtFault.ShouldBeTrue();
        world.Gateway.Reports.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("for a in 1 2; do exit 12; done")]
    [InlineData("if true; then exit 12; fi")]
    [InlineData("f() { exit 12; }; f")]
    [InlineData("(exit 12)")]
    [InlineData("A=\"x no-such-program\" sh -c 'exit 12'")]
    [InlineData("exec sh -c 'exit 12'")]
    [InlineData("set -e; sh -c 'exit 12'")]
    public async Task Any_shell_line_may_be_a_command(string line)
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage(line));

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(12);
    }

    [Fact]
    public async Task A_run_directory_that_cannot_be_made_is_the_fault_of_the_node()
    {
        await using var world = AgentWorld.WithAgent();
        Directory.CreateDirectory(Path.Combine(world.Data, "runs/s-test"));
        File.WriteAllText(Path.Combine(world.Data, "runs/s-test/work"), "a file where a folder belongs");

        world.Run(AgentWorld.Stage("exit 0"));

        var refused = await world.Gateway.ReportAsync<AttemptReport.LaunchRefused>();
        refused.Reason.ShouldContain("cannot be written");
        refused.NodeAtFault.ShouldBeTrue();
    }

    [Fact]
    public async Task Programs_see_the_protocol_and_what_the_stage_declares_and_nothing_of_the_outer_job()
    {
        Environment.SetEnvironmentVariable("SLURM_JOB_ID", "1");
        Environment.SetEnvironmentVariable("PMI_RANK", "1");
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TOKEN", "secret");
        await using var world = AgentWorld.WithAgent();
        var end = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var stage = AgentWorld.Stage("env > env.txt; pwd > pwd.txt", "env.txt", "pwd.txt") with
        {
            Resources = new() { Threads = 2 },
            Environment = ImmutableSortedDictionary<string, string>.Empty.Add("MODEL", "{run}/x").Add("ORCHESTRATOR_RUN_DIR", "/elsewhere"),
        };

        var attempt = world.Run(stage, launch => launch with { EndTime = end });

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        var seen = File.ReadAllLines(world.Result("env.txt")).Where(line => line.Contains('=', StringComparison.Ordinal)).ToDictionary(line => line.Split('=')[0], line => line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        seen["ORCHESTRATOR_RUN_DIR"].ShouldBe(world.RunDirectory(attempt));
        seen["ORCHESTRATOR_CHECKPOINT_DIR"].ShouldBe(world.AttemptFile(attempt, "checkpoints"));
        seen["ORCHESTRATOR_PROGRESS_FILE"].ShouldBe(world.AttemptFile(attempt, "progress.jsonl"));
        seen["ORCHESTRATOR_CONTROL_FILE"].ShouldBe(world.AttemptFile(attempt, "control.jsonl"));
        seen["ORCHESTRATOR_END_TIME"].ShouldBe("2100-01-01T00:00:00Z");
        seen["OMP_NUM_THREADS"].ShouldBe("2");
        seen["MODEL"].ShouldBe($"{world.RunDirectory(attempt)}/x");
        seen.ShouldNotContainKey("ORCHESTRATOR_RESTORE_DIR");
        seen.ShouldNotContainKey("ORCHESTRATOR_TOKEN");
        seen.ShouldNotContainKey("SLURM_JOB_ID");
        seen.ShouldNotContainKey("PMI_RANK");
        File.ReadAllText(world.Result("pwd.txt")).Trim().ShouldBe(world.RunDirectory(attempt));
    }

    [Theory]
    [InlineData("SLURM_NTASKS", true)]
    [InlineData("PBS_NODEFILE", true)]
    [InlineData("LSB_HOSTS", true)]
    [InlineData("OMPI_COMM_WORLD_RANK", true)]
    [InlineData("PMIX_RANK", true)]
    [InlineData("HOME", false)]
    [InlineData("OMP_PLACES", false)]
    [InlineData("DOTNET_ROOT", false)]
    public void Variables_of_an_outer_job_are_removed(string name, bool removed) => AttemptEnvironment.IsScrubbed(name).ShouldBe(removed);

    [Fact]
    public async Task Placeholders_of_the_launch_are_replaced_and_the_rest_is_the_shells()
    {
        await using var world = AgentWorld.WithAgent();
        Directory.CreateDirectory(Path.Combine(world.Data, "agents/n-two"));
        File.WriteAllText(Path.Combine(world.Data, "agents/n-two/host"), "second.example\n");
        var stage = AgentWorld.Stage("X=5; echo {ranks} {nodes} {epoch} {stage.before}/x {run} ${X} {nothing} > words; cp {hostfile} hosts", "words", "hosts") with
        {
            Resources = new() { Nodes = 2, RanksPerNode = 2 },
        };

        var attempt = world.Run(stage, launch => launch with { Shares = [launch.Shares[0], new NodeShare { Node = new NodeId("n-two"), Cores = [0, 1] }] }, epoch: 3);

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllText(world.Result("words")).ShouldBe($"4 2 3 {world.Data}/results/s-test/before/x {world.RunDirectory(attempt)} 5 {{nothing}}\n");
        File.ReadAllText(world.Result("hosts")).ShouldBe($"{Environment.MachineName} slots=2\nsecond.example slots=2\n");
    }

    [Fact]
    public async Task An_attempt_runs_on_the_cores_of_its_share()
    {
        await using var world = AgentWorld.Empty();
        var machine = await MachineInfo.ReadAsync(world.Options, TimeProvider.System, TestContext.Current.CancellationToken);
        world.StartAgent();

        world.Run(AgentWorld.Stage("grep Cpus_allowed_list /proc/self/status > cores", "cores"));

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        MachineInfo.ParseCoreList(File.ReadAllText(world.Result("cores")).Split(':')[1]).ShouldBe([machine.AllowedCores[0]]);
    }

    [Fact]
    public async Task Cores_that_the_machine_does_not_have_are_said_once_and_programs_run_all_the_same()
    {
        await using var world = AgentWorld.Empty();
        world.Options = world.Options with { FirstCore = 4000 };
        world.StartAgent();

        world.Run(AgentWorld.Stage("exit 0") with { Name = "one" });
        world.Run(AgentWorld.Stage("exit 0") with { Name = "two" });

        await world.Gateway.ReportAsync<AttemptReport.Published>(report => report.Attempt.Stage == "one");
        await world.Gateway.ReportAsync<AttemptReport.Published>(report => report.Attempt.Stage == "two");
        world.Log.Entries.Count(entry => entry.Id == 1428).ShouldBe(1);
    }

    [Fact]
    public async Task Use_is_measured()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'; orchestrator-report progress 0.5; until [ -e go ]; do sleep 0.02; done; sync; exit 1"));
        await world.Gateway.HeartbeatAsync(heartbeat => heartbeat.Running is [{ Use: { PeakMemory: > 0 } }]);
        File.WriteAllText(Path.Combine(world.RunDirectory(AgentWorld.Attempt()), "go"), "");

        var use = (await world.Gateway.ReportAsync<AttemptReport.Exited>()).Use;
        use.CpuTime.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(10));
        use.WallTime.ShouldBeGreaterThan(TimeSpan.Zero);
        use.CoreTime.ShouldBe(use.WallTime);
        use.PeakMemory.ShouldBeGreaterThan(500_000);
        use.GpuTime.ShouldBe(TimeSpan.Zero);
    }
}
