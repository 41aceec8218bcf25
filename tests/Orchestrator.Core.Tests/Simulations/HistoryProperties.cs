using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>Histories of inputs that know nothing of the state: most are stale, early, or make no sense. FsCheck shortens one that breaks a law.</summary>
public sealed class HistoryProperties
{
    private static readonly Config Tries = Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(80);

    private static readonly SimulationDefinition Definition = Make.Simulation(
        Make.Stage("a") with { WritesSharedPaths = true, Preview = new() { Every = TimeSpan.FromMinutes(1) }, Walltime = TimeSpan.FromMinutes(10), Checkpoint = new() { Every = CheckpointTrigger.Periodic, Interval = TimeSpan.FromMinutes(1), KeepRecent = 2 } },
        Make.Stage("b", Make.On("a", DependencyCondition.Progress, 0.5)) with { Retry = new() { RetriesMax = 1 }, Preview = new() { Every = TimeSpan.FromMinutes(2), OverheadMax = 0.5 } },
        Make.Stage("c", Make.On("a"), Make.On("b", DependencyCondition.End)));

    /// <summary>With every kind of edge, a barrier and a trigger.</summary>
    private static readonly SimulationDefinition Steered = Make.Simulation(
        Make.Stage("a") with { WritesSharedPaths = true, Checkpoint = new() { Every = CheckpointTrigger.Periodic, Interval = TimeSpan.FromMinutes(1), KeepRecent = 2 } },
        Make.Stage("b", Make.On("a", DependencyCondition.Progress, 0.5), Make.On("e", DependencyCondition.End)) with { Retry = new() { RetriesMax = 1 }, Join = JoinRule.Any },
        Make.Stage("c", new Dependency { Stage = "a", When = "a.progress > 0.3 and a.exit == 0", Delay = TimeSpan.FromMinutes(1) }, new Dependency { Stage = "b", Kind = DependencyKind.Resource, Approval = "anna" }),
        new StageDefinition { Name = "wall", Kind = StageKind.Barrier, Join = JoinRule.Settled, After = [Make.On("a"), Make.On("c")] },
        Make.Stage("e", new Dependency { Stage = "a", Condition = DependencyCondition.Artifact, Artifact = "*.nc" }) with { Trigger = new() { Kind = TriggerKind.Manual } });

    [Fact]
    public void No_history_breaks_a_law_or_makes_a_tick_that_leaves_something_due() => Check(Definition, Moment());

    [Fact]
    public void No_history_of_people_who_steer_breaks_a_law() => Check(Steered, Gen.Frequency((4, Moment()), (1, Gen.Choose(0, 60).SelectMany(static wait => Order().Select(order => (TimeSpan.FromSeconds(wait), (SimulationInput)new SimulationInput.Steer(order)))))));

    private static void Check(SimulationDefinition definition, Gen<(TimeSpan, SimulationInput)> moment) => Prop.ForAll(Arb.From(Gen.ListOf(moment)), history =>
    {
        var now = Story.Beginning;
        var state = SimulationMachine.Step(new(), new SimulationInput.Submit(definition, 0), now);
        foreach (var (wait, input) in history)
        {
            now += wait;
            if (!SimulationMachine.Allows(state, input))
            {
                continue;
            }

            var before = state;
            state = SimulationMachine.Step(before, input, now);
            Laws.Check(before, state, input);
            if (input is not (SimulationInput.Nudged or SimulationInput.Checkpoint or SimulationInput.Preview or SimulationInput.ReportFailure or SimulationInput.EndRecovery or SimulationInput.Steer { Order.Verb: StageVerb.Rerun })
                && SimulationMachine.Allows(state, input))
            {
                // A repeat at once changes nothing that matters, whatever it was.
                SimulationMachine.Step(state, input, now).Version.ShouldBe(state.Version, input.ToString());
            }
        }

        state = SimulationMachine.Step(state, new SimulationInput.Tick(), now);
        (SimulationMachine.Due(state) is not { } due || due > now).ShouldBeTrue();
    }).Check(Tries);

    private static Gen<(TimeSpan, SimulationInput)> Moment() =>
        from wait in Gen.Choose(0, 120)
        from input in Gen.Frequency(
            (10, Reported()),
            (6, Leased()),
            (1, Gen.Elements<SimulationInput>(
                new SimulationInput.Pause(null), new SimulationInput.Resume(null), new SimulationInput.DeclareDead(null), new SimulationInput.Checkpoint(null), new SimulationInput.Preview(null, 25), new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.Unknown, Text = "odd" }), new SimulationInput.EndRecovery("a", 1, RecoveryEnding.Cancelled, null))),
            (3, Gen.Constant<SimulationInput>(new SimulationInput.Tick())),
            (1, Gen.Constant<SimulationInput>(new SimulationInput.Nudged())))
        select (TimeSpan.FromSeconds(wait), input);

    private static Gen<StageOrder> Order() =>
        from verb in Gen.Elements(StageVerb.Add, StageVerb.Hold, StageVerb.Release, StageVerb.Release, StageVerb.Skip, StageVerb.Set, StageVerb.Rerun, StageVerb.Rerun, StageVerb.Change, StageVerb.Approve, StageVerb.Approve, StageVerb.Bypass)
        from stage in Gen.Elements("a", "b", "c", "e", "wall", "new1", "new2")
        from other in Gen.Elements("a", "b", "c", "wall", "new1")
        from number in Gen.Choose(1, 3)
        from saved in Gen.Choose(0, 5)
        select new StageOrder
        {
            FromCheckpoint = verb == StageVerb.Rerun && saved > 0,
            Checkpoint = verb == StageVerb.Rerun && saved > 1 ? $"e1/{saved}" : null,
            Verb = verb,
            Stage = stage,
            By = "anna",
            From = other,
            Status = number switch { 1 => StageStatus.Completed, 2 => StageStatus.Failed, _ => StageStatus.SoftFailed },
            Priority = saved > 3 ? PriorityClass.Absent : (PriorityClass)number,
            Walltime = saved % 2 == 0 ? TimeSpan.FromMinutes(5 * (number - 1)) : null,
            Duration = number == 2 ? TimeSpan.FromHours(saved + 1) : null,
            Retries = number == 3 ? saved : null,
            Resources = saved == 5 ? new() { Threads = number } : null,
            Addition = new()
            {
                Key = $"k{number}",
                Stages = number == 3 ? [] : [Make.Stage($"new{number}", Make.On(other))],
                Edges = number == 1 ? [] : [new() { Stage = stage, Dependency = Make.On(other) }],
                Parent = number == 2 ? "a" : null,
            },
        };

    private static Gen<AttemptId> Attempt() =>
        from stage in Gen.Elements("a", "a", "a", "b", "c", "e", "new1")
        from epoch in Gen.Choose(1, 4)
        select new AttemptId(Definition.Id, stage, epoch);

    private static Gen<SimulationInput> Leased() =>
        from attempt in Attempt()
        from state in Gen.Elements(LeaseState.Queued, LeaseState.Granted, LeaseState.Granted, LeaseState.Lost, LeaseState.Unknown)
        from dead in Gen.Elements(true, false)
        from asked in Gen.Elements(true, false, false, false)
        let lease = new LeaseStatus
        {
            Attempt = attempt,
            State = state,
            SeenDead = dead,
            Shares = state is LeaseState.Granted or LeaseState.Lost ? Make.Shares("n-1") : [],
            Reason = dead ? null : new WaitReason { Constraint = PlacementConstraint.FreeCores },
        }
        select asked ? new SimulationInput.LeaseRequested(lease) : (SimulationInput)new SimulationInput.LeaseSeen(lease);

    private static Gen<SimulationInput> Reported() =>
        from attempt in Attempt()
        from sequence in Gen.Choose(1, 6)
        from report in Gen.OneOf(Reports())
        select (SimulationInput)new SimulationInput.Reported(report with { Attempt = attempt, Sequence = sequence, Node = new NodeId("n-1") });

    private static Gen<AttemptReport>[] Reports() =>
    [
        Gen.Elements<AttemptReport>(new AttemptReport.Started(), new AttemptReport.Started { Restored = "e1/1", Damaged = ["e1/2", "e1/3"], Unreadable = ["e1/4"] }),
        Gen.Choose(0, 10).Select(static tenth => (AttemptReport)new AttemptReport.Progressed { Progress = tenth / 10.0, Step = tenth }),
        Gen.Choose(1, 5).Select(static number => (AttemptReport)new AttemptReport.Progressed
        {
            Artifacts = [new() { Path = $"progressive_{10 * number}pct_{number}" }],
            Previews = [new() { Level = 10 * number, Path = $"e/progressive_{10 * number}pct_{number}", Order = number, Quality = number / 10.0, Cost = TimeSpan.FromSeconds(number) }],
        }),
        Gen.Choose(1, 5).Select(static number => (AttemptReport)new AttemptReport.Checkpointed { Checkpoint = new() { Name = $"e1/{number}", Step = number } }),
        Gen.Choose(1, 5).Select(static number => (AttemptReport)new AttemptReport.CheckpointFailed { Checkpoint = $"e1/{number}", Reason = "no room", IsNoRoom = number > 2 }),
        Gen.Choose(1, 5).Select(static number => (AttemptReport)new AttemptReport.Verified { Checkpoint = $"e1/{number}", Passed = number > 2 }),
        Gen.Elements(0, 0, 1, 85).Select(static status => (AttemptReport)new AttemptReport.Exited { ExitStatus = status }),
        Gen.Constant<AttemptReport>(new AttemptReport.Published()),
        Gen.Constant<AttemptReport>(new AttemptReport.LaunchRefused { Reason = "no", NodeAtFault = true }),
    ];
}
