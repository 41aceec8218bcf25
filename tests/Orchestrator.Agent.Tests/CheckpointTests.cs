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
    public async Task A_checkpoint_that_links_to_files_of_its_run_is_whole_when_the_run_directory_is_gone()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script($"{Save}\necho mesh > mesh; mkdir \"$ORCHESTRATOR_CHECKPOINT_DIR/one.partial\"; ln -s \"$ORCHESTRATOR_RUN_DIR/mesh\" \"$ORCHESTRATOR_CHECKPOINT_DIR/one.partial/mesh\"; save one; exit 85")));
        var checkpoint = (await world.Gateway.ReportAsync<AttemptReport.Checkpointed>()).Checkpoint;
        await world.Gateway.ReportAsync<AttemptReport.Exited>();

        Directory.Delete(world.RunDirectory(attempt), recursive: true);

        (await CheckpointFiles.FindDamageAsync(world.Data, checkpoint, TestContext.Current.CancellationToken)).ShouldBeNull();
        File.ReadAllText(Path.Combine(CheckpointFiles.DirectoryOf(world.Data, checkpoint), "mesh")).ShouldBe("mesh\n");
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
        var attempt = world.Run(AgentWorld.Stage(world.Script($"{Save}\norchestrator-report progress 0.1; until [ -s \"$ORCHESTRATOR_CONTROL_FILE\" ]; do sleep 0.02; done; mkdir \"$ORCHESTRATOR_CHECKPOINT_DIR/ordered.partial\"; echo 1 > \"$ORCHESTRATOR_CHECKPOINT_DIR/ordered.partial/first\"; sleep 0.05; save ordered; orchestrator-report checkpoint ordered; sleep 1000")));
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
    public async Task Where_no_checkpoint_can_be_restored_the_launch_is_refused_and_nothing_starts_from_the_beginning()
    {
        await using var world = AgentWorld.WithAgent();
        var lost = new CheckpointRecord { Name = "e1/lost", Path = "runs/s-test/work/e1/checkpoints/lost.manifest", ManifestHash = "00" };

        world.Run(AgentWorld.Stage("exit 9") with { Restart = "exit 1" }, launch => launch with { Restore = [lost] }, epoch: 2);

        var refused = await world.Gateway.ReportAsync<AttemptReport.LaunchRefused>();
        refused.NodeAtFault.ShouldBeTrue();
        refused.Reason.ShouldStartWith("None of 1 checkpoints can be restored, and it is not begun anew without being told to. The newest, e1/lost: ");
        world.Gateway.Reports.OfType<AttemptReport.Started>().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_read_now_is_not_damaged_and_no_older_one_takes_its_place()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; save two; exit 85", "first.sh")));
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).ToDictionary(checkpoint => checkpoint.Name);
        var state = Path.Combine(CheckpointFiles.DirectoryOf(world.Data, made["e1/two"]), "deep/state");
        File.Delete(state);

        // The system refuses to open it, as it does when a mount is stale: whoever runs the tests, and be it root.
        File.CreateSymbolicLink(state, state);
        world.Run(AgentWorld.Stage("exit 9") with { Restart = "exit 9" }, launch => launch with { Restore = [made["e1/two"], made["e1/one"]] }, epoch: 2);

        var refused = await world.Gateway.ReportAsync<AttemptReport.LaunchRefused>();
        refused.NodeAtFault.ShouldBeTrue();
        refused.Reason.ShouldStartWith("The checkpoint e1/two cannot be brought back: ");
        world.Gateway.Reports.OfType<AttemptReport.Started>().ShouldAllBe(started => started.Attempt.Epoch == 1);
    }

    [Fact]
    public async Task A_full_disk_on_the_way_back_is_the_nodes_and_not_the_checkpoints()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script($"{Save}\necho line 1 >> log; save one; orchestrator-report checkpoint one log=7; exit 85"), "log") with { Appends = ["log"] };
        world.Run(stage);
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var one = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Single().Checkpoint;
        var run = world.RunDirectory(AgentWorld.Attempt(2));
        Directory.CreateDirectory(run);
        File.CreateSymbolicLink(Path.Combine(run, "log.partial"), "/dev/full");

        world.Run(stage with { Restart = "exit 9" }, launch => launch with { Restore = [one] }, epoch: 2);

        var refused = await world.Gateway.ReportAsync<AttemptReport.LaunchRefused>();
        refused.NodeAtFault.ShouldBeTrue();
        refused.Reason.ShouldContain("No space left on device");
        File.Exists(Path.Combine(run, "log.partial")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_stored_checkpoint_whose_directory_is_still_whole_needs_no_bytes_of_the_store_and_one_that_changed_stays_until_they_came()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; exit 85", "first.sh")) with { Checkpoint = new() { Store = CheckpointStorage.Copy } });
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var one = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Single().Checkpoint;
        var directory = CheckpointFiles.DirectoryOf(world.Data, one);
        var packs = Path.Combine(world.Data, CheckpointCopies.StoreDirectory, "packs");
        Directory.Move(packs, packs + ".away");

        (await CheckpointCopies.BringBackAsync(world.Data, one, TestContext.Current.CancellationToken)).ShouldBeNull();

        var state = Path.Combine(directory, "deep/state");
        File.AppendAllText(state, "!");
        var changed = File.ReadAllText(state);
        (await CheckpointCopies.BringBackAsync(world.Data, one, TestContext.Current.CancellationToken)).ShouldNotBeNull();
        File.ReadAllText(state).ShouldBe(changed);

        Directory.Move(packs + ".away", packs);
        (await CheckpointCopies.BringBackAsync(world.Data, one, TestContext.Current.CancellationToken)).ShouldBeNull();
        File.ReadAllText(state).ShouldBe(changed[..^1]);
        Directory.GetDirectories(Path.GetDirectoryName(directory)!).ShouldBe([directory]);

        Directory.Move(Path.Combine(world.Data, CheckpointCopies.StoreDirectory), Path.Combine(world.Data, "unmounted"));
        await Should.ThrowAsync<StoreException>(() => CheckpointCopies.BringBackAsync(world.Data, one, TestContext.Current.CancellationToken));
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

    [Fact]
    public async Task Copied_checkpoints_are_in_the_store_and_come_back_from_there_the_one_before_when_the_newest_is_damaged()
    {
        await using var world = AgentWorld.WithAgent();
        var policy = new CheckpointPolicy { Store = CheckpointStorage.Copy };
        world.Run(AgentWorld.Stage(world.Script(
            $$"""
            {{Save}}
            for step in one two three; do save $step; until [ -e "$ORCHESTRATOR_CHECKPOINT_DIR/$step.manifest" ]; do sleep 0.02; done; done
            exit 85
            """, "first.sh")) with
        { Checkpoint = policy });
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).ToDictionary(checkpoint => checkpoint.Name);
        var (two, three) = (made["e1/two"], made["e1/three"]);
        two.Bytes.ShouldBe(4);
        Directory.Exists(CheckpointFiles.DirectoryOf(world.Data, two)).ShouldBeFalse();
        (await CheckpointFiles.FindDamageAsync(world.Data, two, TestContext.Current.CancellationToken)).ShouldBeNull();
        (await CheckpointFiles.FindDamageAsync(world.Data, three, TestContext.Current.CancellationToken)).ShouldBeNull();

        // Each wrote a pack of its own; the newest one is damaged.
        var pack = Directory.GetFiles(Path.Combine(world.Data, CheckpointCopies.StoreDirectory, "packs")).Order(StringComparer.Ordinal).Last();
        var bytes = File.ReadAllBytes(pack);
        bytes[^2] ^= 1;
        File.WriteAllBytes(pack, bytes);
        File.AppendAllText(Path.Combine(CheckpointFiles.DirectoryOf(world.Data, three), "deep/state"), "!");
        world.Run(AgentWorld.Stage("exit 9", "restored") with { Checkpoint = policy, Restart = "cat {restore}/deep/state > restored" }, launch => launch with { Restore = [three, two] }, epoch: 2);

        var started = await world.Gateway.ReportAsync<AttemptReport.Started>(report => report.Attempt.Epoch == 2);
        started.Restored.ShouldBe("e1/two");
        started.Damaged.ShouldBe(["e1/three"]);
        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllText(world.Result("restored")).ShouldBe("two\n");

        foreach (var checkpoint in made.Values)
        {
            CheckpointFiles.Delete(world.Data, checkpoint);
            CheckpointFiles.Delete(world.Data, checkpoint);
        }

        Directory.GetFiles(Path.Combine(world.Data, CheckpointCopies.StoreDirectory, "checkpoints")).ShouldBeEmpty();
        (await CheckpointCopies.CollectAsync(world.Data, DateTimeOffset.MinValue, TestContext.Current.CancellationToken)).ShouldNotBeNull().Freed.ShouldBeGreaterThan(0);
        Directory.GetFiles(Path.Combine(world.Data, CheckpointCopies.StoreDirectory, "packs")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_room_in_the_store_a_checkpoint_stays_in_place_and_says_why()
    {
        await using var world = AgentWorld.WithAgent();
        new StoreSettings { Quota = 1 }.Write(world.Data);
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; exit 85")) with { Checkpoint = new() { Store = CheckpointStorage.Copy } });

        var reported = await world.Gateway.ReportAsync<AttemptReport.Checkpointed>();
        await world.Gateway.ReportAsync<AttemptReport.Exited>();

        reported.NoRoom.ShouldNotBeNull().ShouldContain("may have 1 bytes");
        File.ReadAllText(Path.Combine(CheckpointFiles.DirectoryOf(world.Data, reported.Checkpoint), "deep/state")).ShouldBe("one\n");
        (await CheckpointFiles.FindDamageAsync(world.Data, reported.Checkpoint, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_called_a_checkpoint_and_cannot_be_read_is_reported_as_failed_and_the_next_one_is_made()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script(
            $$"""
            {{Save}}
            mkdir -p "$ORCHESTRATOR_CHECKPOINT_DIR/bad.partial"; ln -s nowhere "$ORCHESTRATOR_CHECKPOINT_DIR/bad.partial/link"; mv "$ORCHESTRATOR_CHECKPOINT_DIR/bad.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/bad"
            save good; exit 85
            """)));

        await world.Gateway.ReportAsync<AttemptReport.Exited>();

        var failed = world.Gateway.Reports.OfType<AttemptReport.CheckpointFailed>().ShouldHaveSingleItem();
        (failed.Checkpoint, failed.IsNoRoom).ShouldBe(("e1/bad", false));
        failed.Reason.ShouldContain("nowhere");
        world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().ShouldHaveSingleItem().Checkpoint.Name.ShouldBe("e1/good");
    }

    [Fact]
    public async Task Stored_checkpoints_are_copied_to_another_tier_and_come_back_from_there_when_the_near_store_is_damaged()
    {
        await using var world = AgentWorld.WithAgent();
        var far = Path.Combine(world.Data, "far");
        new StoreSettings { FlushTo = far }.Write(world.Data);
        var policy = new CheckpointPolicy { Store = CheckpointStorage.Copy };
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; exit 85")) with { Checkpoint = policy });
        var made = (await world.Gateway.ReportAsync<AttemptReport.Checkpointed>()).Checkpoint;
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        const int flushed = 1436;
        await world.Log.WaitForAsync(flushed);

        var pack = Directory.GetFiles(Path.Combine(world.Data, CheckpointCopies.StoreDirectory, "packs")).Single();
        var bytes = File.ReadAllBytes(pack);
        bytes[^2] ^= 1;
        File.WriteAllBytes(pack, bytes);
        Directory.Delete(CheckpointFiles.DirectoryOf(world.Data, made), recursive: true);
        (await CheckpointFiles.FindDamageAsync(world.Data, made, TestContext.Current.CancellationToken)).ShouldBeNull("the other tier has it");
        world.Run(AgentWorld.Stage("exit 9", "restored") with { Checkpoint = policy, Restart = "cat {restore}/deep/state > restored" }, launch => launch with { Restore = [made] }, epoch: 2);

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllText(world.Result("restored")).ShouldBe("one\n");
        CheckpointFiles.Delete(world.Data, made);
        (await CheckpointCopies.CollectAsync(world.Data, DateTimeOffset.MinValue, TestContext.Current.CancellationToken)).ShouldNotBeNull();
        (await CheckpointCopies.CollectFarAsync(world.Data, DateTimeOffset.MaxValue, TestContext.Current.CancellationToken)).ShouldNotBeNull();
        Directory.GetFiles(Path.Combine(far, "packs")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_checkpoint_of_the_store_that_no_manifest_names_is_forgotten_once_it_is_old()
    {
        await using var world = AgentWorld.WithAgent();
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; save two; exit 85")) with { Checkpoint = new() { Store = CheckpointStorage.Copy } });
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).ToList();
        var stored = Path.Combine(world.Data, CheckpointCopies.StoreDirectory, "checkpoints");
        made.Count.ShouldBe(2);

        // As if the agent had died between the two: in the store, and without a name beside the run.
        File.Delete(CheckpointFiles.DirectoryOf(world.Data, made[0]) + CheckpointFiles.ManifestSuffix);
        await CheckpointCopies.CollectAsync(world.Data, DateTimeOffset.MinValue, TestContext.Current.CancellationToken);
        Directory.GetFiles(stored).Length.ShouldBe(2, "it may get its name yet");
        await CheckpointCopies.CollectAsync(world.Data, DateTimeOffset.MaxValue, TestContext.Current.CancellationToken);

        Directory.GetFiles(stored).Length.ShouldBe(1);
        (await CheckpointFiles.FindDamageAsync(world.Data, made[1], TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task A_store_without_room_leaves_the_checkpoint_in_place_and_the_program_goes_on()
    {
        await using var world = AgentWorld.WithAgent();
        File.WriteAllText(Path.Combine(world.Data, CheckpointCopies.StoreDirectory), "in the way");
        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; exit 85")) with { Checkpoint = new() { Store = CheckpointStorage.Copy } });

        await world.Gateway.ReportAsync<AttemptReport.Exited>();

        var checkpoint = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().ShouldHaveSingleItem().Checkpoint;
        (await CheckpointFiles.FindDamageAsync(world.Data, checkpoint, TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    [Fact]
    public async Task A_restart_finds_appended_files_as_they_were_at_the_checkpoint_and_no_line_is_doubled_or_missing()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script(
            $"""
            {Save}
            echo line 1 >> log; echo line 2 >> log; : > other; save two
            orchestrator-report checkpoint two log=$(stat -c %s log) other=0
            echo line 3 >> log; echo lost >> other
            exit 85
            """), "log", "other") with
        { Appends = ["log", "other"] };
        world.Run(stage);
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var two = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Single().Checkpoint;

        world.Run(stage with { Restart = "echo line 3 again >> log" }, launch => launch with { Restore = [two] }, epoch: 2);

        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllLines(world.Result("log")).ShouldBe(["line 1", "line 2", "line 3 again"]);
        File.ReadAllText(world.Result("other")).ShouldBe("");
    }

    [Fact]
    public async Task An_appended_file_that_was_quiet_since_the_checkpoint_needs_no_word_of_the_program()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script($"{Save}\necho line 1 >> log; sleep 0.05; save one; orchestrator-report checkpoint one; sleep 1; exit 85")) with { Appends = ["log"] };
        world.Run(stage);
        var one = (await world.Gateway.ReportAsync<AttemptReport.Checkpointed>()).Checkpoint;

        var manifest = await CheckpointFiles.ReadManifestAsync(world.Data, one, TestContext.Current.CancellationToken);

        manifest.Appended.Single().ShouldSatisfyAllConditions(file => file.Name.ShouldBe("log"), file => file.Size.ShouldBe(7));
    }

    [Fact]
    public async Task A_checkpoint_whose_appended_file_was_changed_is_damaged_and_the_one_before_is_taken()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script(
            $"""
            {Save}
            echo line 1 >> log; save one; orchestrator-report checkpoint one log=7
            until [ -e "$ORCHESTRATOR_CHECKPOINT_DIR/one.manifest" ]; do sleep 0.02; done
            echo line 2 >> log; save two; orchestrator-report checkpoint two log=14
            exit 85
            """), "log") with
        { Appends = ["log"] };
        var attempt = world.Run(stage);
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).Reverse().ToArray();
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "log"), "line 1\nLINE 2\n");

        world.Run(stage with { Restart = "echo more >> log" }, launch => launch with { Restore = [.. made] }, epoch: 2);

        (await world.Gateway.ReportAsync<AttemptReport.Started>(report => report.Attempt.Epoch == 2)).ShouldSatisfyAllConditions(
            started => started.Restored.ShouldBe("e1/one"), started => started.Damaged.ShouldBe(["e1/two"]));
        await world.Gateway.ReportAsync<AttemptReport.Published>();
        File.ReadAllText(world.Result("log")).ShouldBe("line 1\nmore\n");
    }

    [Fact]
    public async Task A_line_of_a_log_tells_that_restart_files_are_whole_and_their_step()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script(
            """
            echo state 100 > restart.a; sleep 0.3
            ls "$ORCHESTRATOR_CHECKPOINT_DIR" > early
            echo " 100 0.7 1.0" >> log.model
            until ls "$ORCHESTRATOR_CHECKPOINT_DIR"/files-*.manifest >/dev/null 2>&1; do sleep 0.02; done
            echo state 200 > restart.b; echo " 200 0.8 1.0" >> log.model
            until [ $(ls -d "$ORCHESTRATOR_CHECKPOINT_DIR"/files-*.manifest | wc -l) = 2 ]; do sleep 0.02; done
            echo half > restart.a
            exit 9
            """));

        world.Run(stage with { Checkpoint = new() { Files = ["restart.*"], CompleteWhen = CheckpointCompletion.Pattern, CompletePattern = "^ *(?<step>[0-9]+) ", CompleteIn = "log.model" } });

        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        var made = world.Gateway.Reports.OfType<AttemptReport.Checkpointed>().Select(report => report.Checkpoint).ToList();
        made.Select(record => record.Step).ShouldBe([100, 200]);
        Directory.GetFiles(CheckpointFiles.DirectoryOf(world.Data, made[0])).Select(Path.GetFileName).ShouldBe(["restart.a"]);
        File.ReadAllText(Path.Combine(CheckpointFiles.DirectoryOf(world.Data, made[0]), "restart.a")).ShouldBe("state 100\n");
        Directory.GetFiles(CheckpointFiles.DirectoryOf(world.Data, made[1])).Select(Path.GetFileName).ShouldBe(["restart.b"]);
        File.ReadAllText(Path.Combine(world.RunDirectory(AgentWorld.Attempt()), "early")).ShouldBe("");
    }

    [Fact]
    public async Task Restart_files_of_all_ranks_make_one_checkpoint()
    {
        await using var world = AgentWorld.WithAgent();
        var stage = AgentWorld.Stage(world.Script(
            """
            echo 0 > restart.0; echo 1 > restart.1; sleep 0.5
            ls "$ORCHESTRATOR_CHECKPOINT_DIR" > early
            echo 2 > restart.2
            until ls "$ORCHESTRATOR_CHECKPOINT_DIR"/files-*.manifest >/dev/null 2>&1; do sleep 0.02; done
            exit 9
            """));

        world.Run(stage with { Checkpoint = new() { Files = ["restart.*"], CompleteWhen = CheckpointCompletion.Count, CompleteCount = 3 } });

        var made = (await world.Gateway.ReportAsync<AttemptReport.Checkpointed>()).Checkpoint;
        Directory.GetFiles(CheckpointFiles.DirectoryOf(world.Data, made)).Length.ShouldBe(3);
        await world.Gateway.ReportAsync<AttemptReport.Exited>();
        File.ReadAllText(Path.Combine(world.RunDirectory(AgentWorld.Attempt()), "early")).ShouldBe("");
    }

    [Fact]
    public async Task A_checkpoint_that_is_read_again_counts_once_it_was()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage(world.Script($"{Save}\nsave one; orchestrator-report checkpoint one; exit 85")) with { Checkpoint = new() { ReadBack = true } });

        (await world.Gateway.ReportAsync<AttemptReport.Checkpointed>()).Checkpoint.Name.ShouldBe("e1/one");
    }

    [Fact]
    public async Task A_smaller_kind_that_was_asked_for_is_named_in_the_order_and_in_the_report()
    {
        await using var world = AgentWorld.WithAgent();
        var attempt = world.Run(AgentWorld.Stage(world.Script($"{Save}\norchestrator-report progress 0.1; until grep -q '\"kind\":\"critical-state\"' \"$ORCHESTRATOR_CONTROL_FILE\" 2>/dev/null; do sleep 0.02; done; sleep 0.05; save small; orchestrator-report checkpoint small; sleep 1000")));
        await world.Gateway.ReportAsync<AttemptReport.Progressed>();

        world.Order(attempt, new() { Checkpoint = 1, CheckpointKind = CheckpointKind.CriticalState });

        (await world.Gateway.ReportAsync<AttemptReport.Checkpointed>()).Checkpoint.Kind.ShouldBe(CheckpointKind.CriticalState);
    }
}
