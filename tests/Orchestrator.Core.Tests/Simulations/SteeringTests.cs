using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What people and programs change of a simulation that runs.</summary>
public sealed class SteeringTests
{
    [Fact]
    public void Added_stages_run_after_those_that_they_wait_for_and_a_repeat_adds_nothing()
    {
        var story = new Story(Stage("a"), Stage("b", "a"));
        story.Run("a");
        var addition = new StageAddition { Key = "one", Stages = [Stage("c", "a"), Stage("d", "c")], Edges = [new() { Stage = "b", Dependency = new() { Stage = "c" } }] };

        Steer(story, new() { Verb = StageVerb.Add, Addition = addition });
        var before = story.State;
        Steer(story, new() { Verb = StageVerb.Add, Addition = addition });

        story.State.ShouldBeSameAs(before);
        story.Exit("a");
        story.Publish("a");
        story["c"].Status.ShouldBe(StageStatus.Queued);
        story["b"].Status.ShouldBe(StageStatus.Waiting);
        story.Complete("c").Complete("b").Complete("d");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story.Events.Count(one => one.Kind == EventKinds.StagesAdded).ShouldBe(1);
        SimulationMachine.Allows(story.State, new SimulationInput.Submit(story.Definition, 0)).ShouldBeTrue("what was submitted is the same, whatever was added");
    }

    [Fact]
    public void Everything_wrong_with_an_addition_is_told_and_nothing_is_added()
    {
        var story = new Story(Stage("a"), Stage("b", "a"));
        story.Run("a");

        Refusals(story, new() { Verb = StageVerb.Add, Addition = new() { Key = "k", Stages = [Stage("c", "nowhere"), Stage("b")], Edges = [] } })
            .ShouldSatisfyAllConditions(all => all.ShouldContain(one => one.Contains("'nowhere'")), all => all.ShouldContain(one => one.Contains("two stages")));
        Refusals(story, new() { Verb = StageVerb.Add, Addition = new() { Key = "k", Edges = [new() { Stage = "a", Dependency = new() { Stage = "b" } }] } })[0].ShouldContain("only a stage that still waits");
        Refusals(story, new() { Verb = StageVerb.Add, Addition = new() { Key = "k", Stages = [Stage("c", "d"), Stage("d", "c")] } })[0].ShouldContain("cycle");
        Refusals(story, new() { Verb = StageVerb.Add, Addition = new() { Key = "" } }).Length.ShouldBe(2);
        story.State.Stages.Length.ShouldBe(2);
    }

    [Fact]
    public void An_edge_that_is_there_is_refused_and_so_is_what_would_let_the_simulation_grow_without_bounds()
    {
        var story = new Story(Stage("a"), Stage("b", "a"));
        var edge = new AddedEdge { Stage = "b", Dependency = new() { Stage = "c" } };
        var addition = new StageAddition { Key = "k", Stages = [Stage("c", "a")], Edges = [edge] };

        Refuse(new(), addition with { Edges = [edge, edge] }).ShouldBe(["edges.b: it waits for c in this way already."]);
        Refuse(new(), addition with { Edges = [new() { Stage = "c", Dependency = new() { Stage = "a" } }] }).ShouldBe(["edges.c: it waits for a in this way already."]);
        Refuse(new() { EdgesMax = 2 }, addition).ShouldBe(["edges: the simulation would have 3 dependencies; at most 2 are allowed."]);
        Refuse(new() { AdditionsMax = 0 }, addition).ShouldBe(["key: it would be addition 1; at most 0 are allowed."]);
        Refuse(new() { DefinitionBytesMax = 100 }, addition).ShouldHaveSingleItem().ShouldStartWith("stages: the definition would have ");
        Refuse(new(), addition with { Edges = default }).ShouldBeEmpty();
        Should.Throw<InvalidTransitionException>(() => SimulationMachine.Step(story.State, new SimulationInput.Steer(new() { Verb = StageVerb.Add, Addition = addition }), story.Now, new() { EdgesMax = 2 }));

        ImmutableArray<string> Refuse(SimulationPolicy policy, StageAddition what) => SimulationMachine.Refusals(story.State, new() { Verb = StageVerb.Add, By = "anna", Addition = what }, policy);
    }

    [Fact]
    public void Of_many_refusals_of_what_a_program_wrote_the_first_are_told()
    {
        var story = new Story(Stage("a"));
        story.Run("a");

        story.Report("a", new AttemptReport.Announced { Problems = [.. Enumerable.Range(0, 4000).Select(static i => $"stages.x{i}.run: it is missing.")] });

        story.Events.Single(static one => one.Kind == EventKinds.StagesRefused).Text!.ShouldSatisfyAllConditions(text => text.ShouldEndWith("stages.x4.run: it is missing. And 3995 more."), text => text.ShouldNotContain("x5"));
    }

    [Fact]
    public void A_submitter_gives_a_stage_a_class_within_the_site_s_limit_and_an_operator_any()
    {
        var limits = new SubmitterLimits();
        limits.Problem(PriorityClass.Critical, new Principal { User = "anna", Role = Role.Submitter }).ShouldNotBeNull().ShouldStartWith("priority: it is critical; up to high is allowed");
        limits.Problem(PriorityClass.High, new Principal { User = "anna", Role = Role.Submitter }).ShouldBeNull();
        limits.Problem(PriorityClass.Critical, new Principal { User = "otto", Role = Role.Operator }).ShouldBeNull();
    }

    [Fact]
    public void One_key_adds_one_thing()
    {
        var story = new Story(Stage("a"));
        Steer(story, new() { Verb = StageVerb.Add, Addition = new() { Key = "k", Stages = [Stage("b")] } });

        Refusals(story, new() { Verb = StageVerb.Add, Addition = new() { Key = "k", Stages = [Stage("c")] } })[0].ShouldContain("another key");
    }

    [Fact]
    public void What_a_program_writes_is_added_in_its_name_and_too_much_is_refused_without_harm()
    {
        var story = new Story(Stage("a"));
        story.Run("a");
        StageDefinition[] many = [.. Enumerable.Range(0, SimulationPolicy.Default.StagesAddedByOneMax).Select(i => Stage($"m{i}"))];

        story.Report("a", new AttemptReport.Announced { Addition = new() { Key = "a/1/1", Stages = [Stage("refine", "a")] } });
        story.Report("a", new AttemptReport.Announced { Addition = new() { Key = "a/1/2", Stages = [.. many] } });
        story.Report("a", new AttemptReport.Announced { Problems = ["stages.x.run: it is missing."] });

        story["refine"].ShouldSatisfyAllConditions(one => one.AddedBy.ShouldBe("a"), one => one.Family.ShouldBe("a"), one => one.Generation.ShouldBe(1));
        story.State.Stages.Length.ShouldBe(2);
        story.Events.Where(one => one.Kind == EventKinds.StagesRefused).Select(one => one.Text!).ShouldBe([
            "a: stages that it wrote were refused: stages: stage a would have added 501; at most 500 are allowed.",
            "a: stages that it wrote were refused: stages.x.run: it is missing."]);
        story.Exit("a");
        story.Publish("a");
        story.State.IsFinal.ShouldBeFalse();
        story.Complete("refine");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void A_held_stage_leaves_the_queue_or_its_nodes_and_goes_on_once_it_is_released()
    {
        var story = new Story(Stage("a"), Stage("b"));
        story.Run("b");

        Steer(story, new() { Verb = StageVerb.Hold, Stage = "a", Reason = "wait for the mesh" });
        Steer(story, new() { Verb = StageVerb.Hold, Stage = "b" });

        story["a"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Waiting), one => one.Live.ShouldBeNull());
        SimulationMachine.Explain(story.State, 0).ShouldBe("held by anna: wait for the mesh");
        story.Order("b")!.Reason.ShouldBe(StopReason.Pause);
        story.Exit("b", 0, StopReason.Pause);
        story["b"].Status.ShouldBe(StageStatus.Waiting);
        Steer(story, new() { Verb = StageVerb.Release, Stage = "a" });
        Steer(story, new() { Verb = StageVerb.Release, Stage = "b" });
        story.Complete("a").Complete("b");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story["b"].RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public void A_skip_skips_what_needs_the_success_and_a_bypass_gives_it_back()
    {
        var story = new Story(Stage("a"), Stage("b", "a"), Stage("c", "b"), Stage("other"));

        Steer(story, new() { Verb = StageVerb.Skip, Stage = "a", Reason = "known" });
        story["c"].Status.ShouldBe(StageStatus.Skipped);
        Steer(story, new() { Verb = StageVerb.Bypass, Stage = "b", From = "a", Reason = "old results do" });

        story["b"].Status.ShouldBe(StageStatus.Queued);
        story["c"].Status.ShouldBe(StageStatus.Waiting);
        story["b"].Edges.ShouldHaveSingleItem().ShouldSatisfyAllConditions(mark => mark.BypassedBy.ShouldBe("anna"), mark => mark.Why.ShouldBe("old results do"));
        story.Complete("b").Complete("c").Complete("other");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
        Refusals(story, new() { Verb = StageVerb.Bypass, Stage = "b", From = "z" })[0].ShouldContain("only 'rerun'");
    }

    [Fact]
    public void A_state_that_is_set_counts_whatever_became_of_the_stage()
    {
        var story = new Story(Stage("a"), Stage("b", "a"), Stage("c"));
        story.Run("a");

        Steer(story, new() { Verb = StageVerb.Set, Stage = "a", Status = StageStatus.Failed });
        story["b"].Status.ShouldBe(StageStatus.Skipped);
        story.Released.Count.ShouldBe(1);
        Steer(story, new() { Verb = StageVerb.Set, Stage = "a", Status = StageStatus.Completed, Reason = "its files are good" });
        story["b"].Status.ShouldBe(StageStatus.Queued);
        story.Run("b");

        Refusals(story, new() { Verb = StageVerb.Set, Stage = "a", Status = StageStatus.Failed })[0].ShouldContain("'rerun'");
        Refusals(story, new() { Verb = StageVerb.Set, Stage = "c", Status = StageStatus.Running })[0].ShouldContain("completed, failed");
    }

    [Fact]
    public void A_rerun_takes_all_that_follows_in_new_attempts_from_the_beginning_and_keeps_the_history()
    {
        var story = new Story(Stage("a"), Stage("b", "a"), Stage("c", "b"), Stage("d"));
        story.Complete("a");
        story.Run("b");
        story.Checkpoint("b", 10, 0.4);
        story.Exit("b");
        story.Publish("b");
        story.Run("c");

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "b", Reason = "wrong table" });

        story["b"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Queued), one => one.Epoch.ShouldBe(2), one => one.Live!.Restore.ShouldBeEmpty(), one => one.Recent.Length.ShouldBe(1), one => one.Checkpoints.Length.ShouldBe(1));
        story["c"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Waiting), one => one.Live.ShouldBeNull(), one => one.Recent.ShouldHaveSingleItem().End.ShouldBe(AttemptEnd.Cancelled));
        story["a"].Status.ShouldBe(StageStatus.Completed);
        story.Run("b");
        story.Lose("b");
        story["b"].Live!.Restore.ShouldBeEmpty("what was saved before belongs to the former run");
        story.Run("b");
        story.Exit("b");
        story.Publish("b");
        story.Complete("c").Complete("d");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void A_simulation_that_failed_goes_on_when_a_stage_is_run_again()
    {
        var story = new Story(Stage("a") with { OnExit = ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(3, ExitMeaning.HardFail) }, Stage("b", "a"));
        story.Run("a");
        story.Exit("a", 3);
        story.State.Status.ShouldBe(SimulationStatus.Failed);

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });

        story.State.ShouldSatisfyAllConditions(one => one.Status.ShouldBe(SimulationStatus.Running), one => one.EndedAt.ShouldBeNull(), one => one.ReminderRemoved.ShouldBeFalse());
        story.Complete("a").Complete("b");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void Tasks_begin_anew_when_their_stage_is_run_again_unless_it_is_for_those_that_failed()
    {
        var story = new Story(Stage("a") with { Tasks = new() { Set = "a", Groups = [new() { Name = "a", Run = "x" }] }, OnExit = ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(3, ExitMeaning.HardFail) }, Stage("b", "a"));
        story.Run("a");
        story.Exit("a", 3);

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a", KeepsTasks = true });

        story["a"].TaskRun.ShouldBe(0);
        story.Run("a");
        story.Exit("a", 3);
        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });
        story["a"].TaskRun.ShouldBe(1, "another one than before");
    }

    [Fact]
    public void Resources_and_priority_of_what_has_not_started_can_be_changed()
    {
        var story = new Story(Stage("a"), Stage("b"));
        story.Run("b");

        Steer(story, new() { Verb = StageVerb.Change, Stage = "a", Resources = new() { Threads = 3 }, Priority = PriorityClass.High });

        story.Request("a").ShouldSatisfyAllConditions(one => one.Resources.Threads.ShouldBe(3), one => one.Priority.ShouldBe(PriorityClass.High), one => one.Attempt.Epoch.ShouldBe(2));
        Refusals(story, new() { Verb = StageVerb.Change, Stage = "b", Priority = PriorityClass.Low })[0].ShouldContain("not started");
        Refusals(story, new() { Verb = StageVerb.Change, Stage = "a", Resources = new() { Nodes = 0 } })[0].ShouldStartWith("resources.nodes");
        Refusals(story, new() { Verb = StageVerb.Change, Stage = "a" })[0].ShouldContain("one of them");
    }

    [Fact]
    public void Whoever_has_to_approve_approves_and_nobody_else()
    {
        var story = new Story(Stage("a"), Stage("b") with { After = [new() { Stage = "a", Approval = "operator" }] }, Stage("c") with { Trigger = new() { Kind = TriggerKind.Manual, Approval = "bert" } });
        story.Complete("a");

        SimulationMachine.Explain(story.State, 1).ShouldBe("waits for operator to approve to go on after a");
        Refusals(story, new() { Verb = StageVerb.Approve, Stage = "b", Role = "submitter" })[0].ShouldContain("operator has to approve it, not anna");
        Refusals(story, new() { Verb = StageVerb.Approve, Stage = "a" })[0].ShouldContain("nothing of a waits");
        Steer(story, new() { Verb = StageVerb.Approve, Stage = "b", Role = "administrator", Reason = "seen" });
        Steer(story, new() { Verb = StageVerb.Approve, Stage = "c", By = "bert" });
        story.Complete("b").Complete("c");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story["b"].Edges.ShouldHaveSingleItem().ApprovedBy.ShouldBe("anna");
    }

    [Fact]
    public void Delays_files_expressions_and_barriers_are_waited_for()
    {
        var story = new Story(
            Stage("x"),
            Stage("late") with { After = [new() { Stage = "x", Delay = TimeSpan.FromHours(2) }] },
            Stage("data") with { After = [new() { Stage = "x", Condition = DependencyCondition.Artifact, Artifact = "preview.*" }] },
            Stage("good") with { After = [new() { Stage = "x", When = "x.metrics.err < 0.1 and x.exit == 0" }] },
            Stage("bad") with { After = [new() { Stage = "x", When = "x.metrics.err >= 0.1" }] },
            new StageDefinition { Name = "wall", Kind = StageKind.Barrier, Join = JoinRule.Settled, After = [new() { Stage = "good" }, new() { Stage = "bad" }] },
            Stage("end", "wall"));
        story.Run("x");

        story.Report("x", new AttemptReport.Progressed { Progress = 0.5, Metrics = story["x"].Metrics.Add("err", 0.05), Artifacts = [new() { Path = "preview.png" }] });
        story["data"].Status.ShouldBe(StageStatus.Queued);
        story["good"].Status.ShouldBe(StageStatus.Waiting);
        story.Exit("x");
        story.Publish("x");
        story["good"].Status.ShouldBe(StageStatus.Queued);
        story["bad"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Skipped), one => one.Reason.ShouldBe("\"x.metrics.err >= 0.1\" is not true"));
        story["late"].Status.ShouldBe(StageStatus.Waiting);
        SimulationMachine.Due(story.State).ShouldBe(story.Now.AddHours(2));
        story.WhenDue();
        story["late"].Status.ShouldBe(StageStatus.Queued);
        story.Complete("good");
        story["wall"].Status.ShouldBe(StageStatus.Completed);
        story.Complete("end").Complete("data").Complete("late");
        story.State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void Orders_about_stages_that_are_not_there_name_those_that_are() =>
        Refusals(new Story(Stage("a"), Stage("b")), new() { Verb = StageVerb.Hold, Stage = "z" }).ShouldBe(["stage: there is no stage 'z'; a, b are there."]);

    [Fact]
    public void A_stage_run_again_waits_for_its_dependencies_though_its_old_attempt_is_seen_gone_first()
    {
        foreach (var end in new Action<Story>[] { GoneAsSeen, story => story.Take(new SimulationInput.DeclareDead("seen")) })
        {
            var story = new Story(Stage("a"), Stage("b", "a") with { WritesSharedPaths = true });
            story.Complete("a");
            story.Run("b");

            Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });
            end(story);

            story["b"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Waiting), one => one.AwaitsDeath.ShouldBeNull(), one => one.Epoch.ShouldBe(1));
            story.Complete("a").Complete("b");
            story.State.Status.ShouldBe(SimulationStatus.Completed);
        }

        static void GoneAsSeen(Story story) => story.Take(new SimulationInput.LeaseSeen(new() { Attempt = new(story.Definition.Id, "b", 1), State = LeaseState.Unknown }));
    }

    [Fact]
    public void What_writes_shared_paths_and_was_skipped_is_run_again_only_once_its_old_attempt_is_gone()
    {
        foreach (var verb in new[] { StageVerb.Skip, StageVerb.Set })
        {
            var story = new Story(Stage("a") with { WritesSharedPaths = true }, Stage("b"));
            story.Run("a");
            Steer(story, new() { Verb = verb, Stage = "a", Status = StageStatus.Failed });

            Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });

            story["a"].ShouldSatisfyAllConditions(one => one.Live.ShouldBeNull(), one => one.AwaitsDeath!.Epoch.ShouldBe(1));
            story.Owed.OfType<SimulationEffect.ReadLease>().Select(static owed => owed.Attempt.Stage).ShouldContain("a");
            story.Take(new SimulationInput.LeaseSeen(new() { Attempt = new(story.Definition.Id, "a", 1), State = LeaseState.Unknown }));
            story["a"].Status.ShouldBe(StageStatus.Queued);
        }
    }

    [Fact]
    public void What_has_ended_asks_for_no_death()
    {
        var story = new Story(Stage("a") with { WritesSharedPaths = true });
        story.Run("a");

        Steer(story, new() { Verb = StageVerb.Skip, Stage = "a" });

        story.State.Status.ShouldBe(SimulationStatus.Completed);
        story.Owed.ShouldNotContain(static owed => owed is SimulationEffect.ReadLease);
        SimulationMachine.Due(story.State).ShouldBeNull();
    }

    [Fact]
    public void A_delay_that_is_over_is_due_no_more_while_the_stage_waits_for_something_else()
    {
        var story = new Story(
            Stage("a"),
            Stage("b"),
            Stage("c") with { After = [new() { Stage = "a", Delay = TimeSpan.FromMinutes(10) }, new() { Stage = "b" }] });
        Steer(story, new() { Verb = StageVerb.Hold, Stage = "b" });
        story.Complete("a");

        story.WhenDue();

        SimulationMachine.Due(story.State).ShouldBeNull();
        SimulationMachine.Explain(story.State, 2).ShouldBe("waits for b to complete");
        Steer(story, new() { Verb = StageVerb.Release, Stage = "b" });
        story.Complete("b");
        story["c"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void A_trigger_with_a_moment_and_a_delay_is_due_after_the_delay()
    {
        var story = new Story(Stage("a") with { Trigger = new() { Kind = TriggerKind.Timed, At = Story.Beginning.AddHours(1), Delay = TimeSpan.FromHours(2) } });

        story.WhenDue();

        SimulationMachine.Due(story.State).ShouldBe(Story.Beginning.AddHours(3));
        story.WhenDue();
        story["a"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void A_trigger_waits_for_a_file_as_long_as_somebody_could_write_it_and_is_skipped_then()
    {
        var story = new Story(
            Stage("a"),
            Stage("b") with { Trigger = new() { Kind = TriggerKind.Data, Artifact = "mesh.*" } },
            Stage("c") with { Trigger = new() { Kind = TriggerKind.Data, Artifact = "grid.*" } },
            Stage("d", "b"),
            Stage("e") with { Trigger = new() { Kind = TriggerKind.Manual, Approval = "bert" } });
        story.Complete("a");

        story["b"].Status.ShouldBe(StageStatus.Waiting, "e may write it once it is approved");
        Steer(story, new() { Verb = StageVerb.Approve, Stage = "e", By = "bert" });
        story.Complete("e");

        story["b"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Skipped), one => one.Reason.ShouldBe("no stage is left that could write mesh.*"));
        story["d"].Status.ShouldBe(StageStatus.Skipped);
        story.State.Status.ShouldBe(SimulationStatus.Completed);
    }

    [Fact]
    public void Stages_that_wait_for_each_other_by_expressions_are_refused_as_a_cycle()
    {
        var trigger = new StageTrigger { Kind = TriggerKind.Expression };
        var definition = Make.Simulation(
            Stage("a") with { Trigger = trigger with { When = "b.progress > 0.5" } },
            Stage("b", "c"),
            Stage("c") with { Trigger = trigger with { When = "a.progress > 0.5" } });

        SimulationRules.Problems(definition).ShouldHaveSingleItem().ShouldContain("a cycle");
        SimulationRules.Problems(Make.Simulation(Stage("a") with { Trigger = trigger with { When = "a.progress > 0.5" } })).ShouldHaveSingleItem().ShouldContain("a → a");
    }

    [Fact]
    public void A_rerun_takes_those_that_watch_it_by_an_expression_too()
    {
        var story = new Story(Stage("a"), Stage("c") with { Trigger = new() { Kind = TriggerKind.Expression, When = "a.exit == 0" } }, Stage("d"));
        story.Complete("a").Complete("c");

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });

        story["c"].Status.ShouldBe(StageStatus.Waiting);
        story.Complete("a");
        story["c"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Queued), one => one.Epoch.ShouldBe(2));
    }

    [Fact]
    public void Nothing_is_run_again_while_its_outputs_or_those_of_what_follows_are_published()
    {
        var story = new Story(Stage("a"), Stage("b", "a"));
        story.Complete("a");
        story.Run("b");
        story.Exit("b");

        Refusals(story, new() { Verb = StageVerb.Rerun, Stage = "b" })[0].ShouldContain("being published; it can be run again");
        Refusals(story, new() { Verb = StageVerb.Rerun, Stage = "a" })[0].ShouldContain("being published; a can be run again");
    }

    [Fact]
    public void Whoever_is_asked_for_by_name_on_one_edge_approves_no_other()
    {
        var story = new Story(
            Stage("a"),
            Stage("b") with { After = [new() { Stage = "a", Approval = "bert" }], Trigger = new() { Kind = TriggerKind.Manual, Approval = Dependency.Anyone } });
        story.Complete("a");

        Steer(story, new() { Verb = StageVerb.Approve, Stage = "b", By = "bert" });

        story["b"].Edges.Where(static mark => mark.ApprovedBy is not null).ShouldHaveSingleItem().Edge.ShouldBe(0);
        story["b"].Status.ShouldBe(StageStatus.Waiting);
        Steer(story, new() { Verb = StageVerb.Approve, Stage = "b", By = "anna", Controls = true });
        story["b"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void A_barrier_that_is_held_passes_once_it_is_released()
    {
        var story = new Story(Stage("a"), new StageDefinition { Name = "wall", Kind = StageKind.Barrier, After = [new() { Stage = "a" }] }, Stage("b", "wall"));
        Steer(story, new() { Verb = StageVerb.Hold, Stage = "wall" });
        story.Complete("a");

        story["wall"].Status.ShouldBe(StageStatus.Waiting);
        Steer(story, new() { Verb = StageVerb.Release, Stage = "wall" });
        story["b"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void What_a_person_skipped_stays_skipped_until_an_order_names_it()
    {
        var story = new Story(Stage("a"), Stage("b", "a"), Stage("c", "a"), Stage("d"));
        story.Run("a");
        Steer(story, new() { Verb = StageVerb.Skip, Stage = "b", Reason = "too dear" });

        Steer(story, new() { Verb = StageVerb.Set, Stage = "a", Status = StageStatus.Failed });
        Steer(story, new() { Verb = StageVerb.Set, Stage = "a", Status = StageStatus.Completed });
        story["b"].Status.ShouldBe(StageStatus.Skipped);
        story["c"].Status.ShouldBe(StageStatus.Queued);
        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });
        story.Complete("a");
        story["b"].ShouldSatisfyAllConditions(one => one.Status.ShouldBe(StageStatus.Skipped), one => one.Reason.ShouldBe("skipped by anna: too dear"));

        Steer(story, new() { Verb = StageVerb.Bypass, Stage = "b", From = "a" });
        story["b"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void A_file_that_was_there_counts_though_many_came_after_it_and_its_attempt_is_lost()
    {
        var story = new Story(
            Stage("a"),
            Stage("b"),
            Stage("c") with { After = [new() { Stage = "a", Condition = DependencyCondition.Artifact, Artifact = "first.nc" }, new() { Stage = "b" }] });
        Steer(story, new() { Verb = StageVerb.Hold, Stage = "b" });
        story.Run("a");

        story.Report("a", new AttemptReport.Progressed { Progress = 0.5, Artifacts = [new() { Path = "first.nc" }, .. Enumerable.Range(0, StageState.ArtifactsMax).Select(static i => new Artifact { Path = $"later-{i}.nc" })] });
        story.Lose("a");
        story.Complete("a");
        Steer(story, new() { Verb = StageVerb.Release, Stage = "b" });
        story.Complete("b");

        story["c"].Status.ShouldBe(StageStatus.Queued);
        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "a" });
        story["c"].Edges.ShouldBeEmpty("another run writes its own files");
    }

    [Fact]
    public void A_rerun_keeps_the_files_that_stages_wrote_which_do_not_run_again()
    {
        var story = new Story(
            Stage("u"),
            Stage("v"),
            Stage("c", "u") with { After = [new() { Stage = "u" }, new() { Stage = "v", Condition = DependencyCondition.Artifact, Artifact = "first.nc" }] },
            Stage("d", "u") with { Trigger = new() { Kind = TriggerKind.Data, Artifact = "first.nc" } });
        story.Run("v");
        story.Report("v", new AttemptReport.Progressed { Progress = 0.5, Artifacts = [new() { Path = "first.nc" }, .. Enumerable.Range(0, StageState.ArtifactsMax).Select(static i => new Artifact { Path = $"later-{i}.nc" })] });
        story.Exit("v");
        story.Publish("v");
        story.Complete("u").Complete("c").Complete("d");

        Steer(story, new() { Verb = StageVerb.Rerun, Stage = "u" });
        story.Complete("u");

        story["c"].Status.ShouldBe(StageStatus.Queued);
        story["d"].Status.ShouldBe(StageStatus.Queued);
    }

    [Fact]
    public void What_is_published_by_another_attempt_since_its_node_was_lost_is_neither_skipped_nor_run_again_meanwhile()
    {
        var story = new Story(Stage("a"), Stage("b", "a")).Complete("a").Run("b");
        story.Exit("b").Instruction.ShouldBe(ReportInstruction.Publish);
        story.Lose("b");

        story["b"].PublishOnlyEpoch.ShouldBeGreaterThan(0);
        Refusals(story, new() { Verb = StageVerb.Skip, Stage = "b" }).ShouldHaveSingleItem().ShouldContain("being published");
        Refusals(story, new() { Verb = StageVerb.Set, Stage = "b", Status = StageStatus.Failed }).ShouldHaveSingleItem().ShouldContain("being published");
        Refusals(story, new() { Verb = StageVerb.Rerun, Stage = "a" }).ShouldHaveSingleItem().ShouldContain("being published");
    }

    private static void Steer(Story story, StageOrder order) => story.Take(new SimulationInput.Steer(order.By.Length == 0 ? order with { By = "anna" } : order));

    private static ImmutableArray<string> Refusals(Story story, StageOrder order) => SimulationMachine.Refusals(story.State, order.By.Length == 0 ? order with { By = "anna" } : order);

    private static StageDefinition Stage(string name, params string[] after) => Make.Stage(name, [.. after.Select(static other => new Dependency { Stage = other })]);
}
