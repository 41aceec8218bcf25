using Orchestrator.CheckpointStore;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public class CheckpointTests
{
    /// <summary>Shell functions of a program that checkpoints as docs/programs.md says.</summary>
    private const string Save =
        """
        save() {
            mkdir -p "$ORCHESTRATOR_CHECKPOINT_DIR/$1.partial/deep" && echo "$1" > "$ORCHESTRATOR_CHECKPOINT_DIR/$1.partial/deep/state"
            mv "$ORCHESTRATOR_CHECKPOINT_DIR/$1.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/$1"
        }
        """;

    [Fact]
    public async Task A_checkpoint_that_was_renamed_into_place_gets_its_manifest_and_is_reported_with_its_step()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nmkdir \"$ORCHESTRATOR_CHECKPOINT_DIR/never.partial\"; orchestrator-report progress 0.4 step=40; save first; orchestrator-report checkpoint \"$ORCHESTRATOR_CHECKPOINT_DIR/first\"; exit 85")));

        var reported = await world.Gateway.ReportAsync<AttemptReport.Checkpointed>();
        await world.Gateway.ReportAsync<AttemptReport.Exited>();

        var checkpoint = reported.Checkpoint;
        checkpoint.Name.ShouldBe("e1/first");
        checkpoint.Step.ShouldBe(40);
        checkpoint.Progress.ShouldBe(0.4);
        checkpoint.Bytes.ShouldBe(6);
        checkpoint.Status.ShouldBe(CheckpointStatus.Intact);
        (await CheckpointFiles.FindDamageAsync(world.Data, checkpoint, TestContext.Current.CancellationToken)).ShouldBeNull();
        world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_checkpoint_that_nobody_announced_is_found()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave silent; until [ -e \"$ORCHESTRATOR_CHECKPOINT_DIR/silent.manifest\" ]; do sleep 0.02; done; save last; exit 85")));

        await world.Gateway.ReportAsync<AttemptReport.Exited>();

        world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => (report.Checkpoint.Name, report.Checkpoint.Step)).ShouldBe([("e1/silent", -1L), ("e1/last", -1L)]);
        world.Gateway.Reports[^1].ShouldBeOfType<AttemptReport.Exited>();
    }

    [Fact]
    public async Task A_checkpoint_that_answers_an_order_says_so()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script($"{Save}\norchestrator-report progress 0.1; until [ -s \"$ORCHESTRATOR_CONTROL_FILE\" ]; do sleep 0.02; done; sleep 0.05; save ordered; orchestrator-report checkpoint ordered; sleep 1000")));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Order(attempt, new() { Checkpoint = 3 });

        var reported = await world.Gateway.ReportAsync<AttemptReport.Checkpointed>();
        reported.Order.ShouldBe(3);
        reported.Checkpoint.Cost.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_restart_goes_on_from_the_newest_checkpoint_that_is_whole_and_names_the_damaged_ones()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; save two; save three; exit 85", "first.sh")));
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).Reverse().ToList();
        var (three, two) = (made.Single(one => one.Name == "e1/three"), made.Single(one => one.Name == "e1/two"));
        File.AppendAllText(Path.Combine(CheckpointFiles.DirectoryOf(world.Data, three), "deep/state"), "!");

        var stage = AgentWorld.Stage("exit 9", "restored", "variable") with { Restart = "cat {restore}/deep/state > restored; echo $ORCHESTRATOR_RESTORE_DIR > variable" };
        world.Run(stage, launch => launch with { Restore = [three, two] }, epoch: 2);

        var started = await world.Gateway.ReportAsync<AttemptReport.Started>(report => report.Attempt.Epoch == 2);
        started.Restored.ShouldBe("e1/two");
        started.Damaged.ShouldBe(["e1/three"]);
        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllText(world.Result("restored")).ShouldBe("two\n");
        File.ReadAllText(world.Result("variable")).ShouldBe(CheckpointFiles.DirectoryOf(world.Data, two) + "\n");
    }

    [Fact]
    public async Task Without_any_whole_checkpoint_it_starts_from_the_beginning()
    {
        await using var world = AgentWorld.WithAgent();
        var lost = new CheckpointRecord { Name = "e1/lost", Path = "runs/s-test/work/e1/checkpoints/lost.manifest", ManifestHash = "00" };

        world.Run(AgentWorld.Stage("exit 9") with { Restart = "exit 1" }, launch => launch with { Restore = [lost] }, epoch: 2);

        (await world.Gateway.ReportAsync<AttemptReport.Exited>()).ExitStatus.ShouldBe(9);
        var started = await world.Gateway.ReportAsync<AttemptReport.Started>();
        started.Restored.ShouldBeNull();
        started.Damaged.ShouldBe(["e1/lost"]);
    }

    [Theory]
    [InlineData("grep -q good {path}/deep/state", "good", true)]
    [InlineData("grep -q good {path}/deep/state", "bad", false)]
    public async Task The_verify_command_judges_a_checkpoint(string verify, string name, bool passes)
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script($"{Save}\nsave {name}; orchestrator-report checkpoint {name}; sleep 1000"));

        world.Run(stage with { Checkpoint = new() { Verify = verify } });

        var verified = await world.Gateway.ReportAsync<AttemptReport.Verified>();
        verified.Checkpoint.ShouldBe($"e1/{name}");
        verified.Passed.ShouldBe(passes);
    }

    [Theory]
    [InlineData(CheckpointCompletion.Marker)]
    [InlineData(CheckpointCompletion.Stable)]
    public async Task Restart_files_of_a_programs_own_way_become_checkpoints_once_they_are_whole(CheckpointCompletion completion)
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script(
            """
            write() { echo "$1 a" > a.new; echo "$1 b" > b.new; mv a.new restart.a; mv b.new restart.b; touch restart.a.done restart.b.done; }
            write 1
            until ls "$ORCHESTRATOR_CHECKPOINT_DIR"/files-*.manifest >/dev/null 2>&1; do sleep 0.02; done
            write 2
            exit 85
            """));

        world.Run(stage with { Checkpoint = new() { Files = ["restart.*"], CompleteWhen = completion } });

        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => CheckpointFiles.DirectoryOf(world.Data, report.Checkpoint)).ToList();
        made.Count.ShouldBe(2);
        File.ReadAllText(Path.Combine(made[0], "restart.a")).ShouldBe("1 a\n");
        File.ReadAllText(Path.Combine(made[1], "restart.a")).ShouldBe("2 a\n");
        File.ReadAllText(Path.Combine(made[1], "restart.b")).ShouldBe("2 b\n");
    }

    [Fact]
    public async Task A_deleted_checkpoint_is_gone_and_a_repeat_finds_nothing_to_do()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; save two; exit 85")));
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).ToList();

        CheckpointFiles.Delete(world.Data, made[0]);
        CheckpointFiles.Delete(world.Data, made[0]);

        (await CheckpointFiles.FindDamageAsync(world.Data, made[0], TestContext.Current.CancellationToken)).ShouldNotBeNull();
        (await CheckpointFiles.FindDamageAsync(world.Data, made[1], TestContext.Current.CancellationToken)).ShouldBeNull();
        Directory.GetFileSystemEntries(Path.GetDirectoryName(CheckpointFiles.DirectoryOf(world.Data, made[0]))!).Length.ShouldBe(2);
    }
}
