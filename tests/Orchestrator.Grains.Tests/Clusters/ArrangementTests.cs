using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Grains.Tests.FakeAgent;

namespace Orchestrator.Grains.Tests.Clusters;

/// <summary>What people arrange, as simulations and nodes feel it: windows, reservations, priorities, and who makes way.</summary>
public sealed class ArrangementTests
{
    private static readonly FakeProgram Long = new() { Steps = 4000, StepsPerTurn = 10, CheckpointEvery = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Low_work_makes_way_for_critical_work_goes_back_into_the_queue_with_its_progress_and_uses_no_retry()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        await SetAsync(lab, Eager);
        lab.Runs("coupled", Long with { Steps = 400 });
        var low = await lab.SubmitAsync([Stage()], with: static it => it with { Priority = PriorityClass.Low });
        await lab.UntilAsync(low, "coupled", static stage => stage.Step >= 100, "is at step 100");

        var critical = await lab.SubmitAsync([Lab.Stage("urgent", cores: 4)], with: static it => it with { Priority = PriorityClass.Critical });
        await lab.UntilAsync(critical, SimulationStatus.Completed);
        await lab.CheckEndAsync(low, critical);

        var events = await lab.AllEventsOfAsync(low);
        var preempted = events.Single(static occurrence => occurrence.Kind == EventKinds.AttemptEnded && occurrence.End == "preempted");
        preempted.Text.ShouldContain("it was preempted");
        var restored = events.Where(static occurrence => occurrence.Kind == EventKinds.StageStarted).Last();
        restored.Text.ShouldContain("restored step");
        var stage = (await low.GetAsync(Token))!.Stages.Single();
        stage.RetriesUsed.ShouldBe(0);
        stage.Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task Protected_work_is_not_preempted_whoever_waits()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        await SetAsync(lab, Eager);
        lab.Runs("coupled", Long with { Steps = 600 });
        var guarded = await lab.SubmitAsync([Stage()], with: static it => it with { Priority = PriorityClass.Low, Protected = true });
        await lab.UntilAsync(guarded, "coupled", static stage => stage.Step >= 50, "is at step 50");

        var critical = await lab.SubmitAsync([Lab.Stage("urgent", cores: 4)], with: static it => it with { Priority = PriorityClass.Critical });
        await lab.CheckEndAsync(guarded, critical);

        (await lab.AllEventsOfAsync(guarded)).ShouldNotContain(static occurrence => occurrence.End == "preempted");
    }

    [Fact]
    public async Task An_operator_has_even_protected_work_make_way_and_it_is_recorded()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("coupled", Long with { Steps = 300 });
        var guarded = await lab.SubmitAsync([Stage()], with: static it => it with { Protected = true });
        await lab.UntilAsync(guarded, "coupled", static stage => stage.Step >= 50, "is at step 50");
        var attempt = (await Cluster(lab).GetAsync(Token)).Leases.Single().Attempt;

        (await Cluster(lab).PreemptAsync(attempt, "a disk must be changed", Token)).Accepted.ShouldBeTrue();

        await lab.CheckEndAsync(guarded);
        (await lab.AllEventsOfAsync(guarded)).ShouldContain(static occurrence => occurrence.End == "preempted");
        (await FactsAsync(lab)).ShouldContain("lease-preempted");
    }

    [Fact]
    public async Task Work_that_an_operator_moves_goes_on_on_another_node_and_it_is_told_for_whom_it_left()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        lab.Runs("coupled", Long with { Steps = 300 });
        var work = await lab.SubmitAsync([Stage()]);
        await lab.UntilAsync(work, "coupled", static stage => stage.Step >= 50, "is at step 50");
        var before = (await Cluster(lab).GetAsync(Token)).Leases.Single();
        var order = new MigrationOrder { Simulation = before.Attempt.Simulation, Reason = "a disk must be changed" };

        (await Cluster(lab).MigrateAsync(order, Token)).ShouldSatisfyAllConditions(reply => reply.Accepted.ShouldBeTrue(reply.Problem), reply => reply.Changed.ShouldBeTrue());
        await lab.CheckEndAsync(work);

        (await Cluster(lab).MigrateAsync(order, Token)).Problem.ShouldContain("holds nodes now");
        var events = await lab.AllEventsOfAsync(work);
        events.Where(static told => told.Kind == EventKinds.StageStarted).Select(static told => told.Node).Distinct().Count().ShouldBe(2, "it left its node out");
        events.Single(static told => told.Kind == EventKinds.AttemptEnded && told.End == "preempted").Text.ShouldContain("it made way for an operator");
        await lab.UntilAsync(async () => (await lab.World.EventsOfAsync(lab.Cluster.Value)).Any(static told => told.Kind == EventKinds.AttemptPreempted), "it is told", 60);
    }

    [Fact]
    public async Task Work_leaves_its_nodes_before_a_critical_window_and_goes_on_after_it()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("coupled", Long with { Steps = 3000 });
        var work = await lab.SubmitAsync([Stage()], with: static it => it with { Protected = true });
        await lab.UntilAsync(work, "coupled", static stage => stage.Step >= 50, "is at step 50");
        var now = lab.World.Clock.GetUtcNow();

        var reply = await Cluster(lab).AddWindowsAsync([new() { Id = "power", Severity = WindowSeverity.Critical, Start = now.AddSeconds(60), End = now.AddSeconds(300) }], Token);
        reply.Accepted.ShouldBeTrue(reply.Problem);

        await lab.UntilAsync(async () => await StatusAsync(lab, "power") == WindowStatus.Active, "the window is active");
        (await Cluster(lab).GetAsync(Token)).Leases.ShouldBeEmpty();
        (await Cluster(lab).GetArrangementsAsync(Token)).Windows.Single().Window.StartedAt.ShouldNotBeNull().ShouldBeLessThan(now.AddSeconds(300), "it begins as soon as its nodes are seen empty");
        await lab.UntilAsync(async () => await StatusAsync(lab, "power") == WindowStatus.Completed, "the window is over");
        await lab.UntilAsync(work, "coupled", static stage => stage.Status == StageStatus.Running, "runs again");
        (await lab.World.EventsOfAsync(work.GetPrimaryKeyString())).Select(Events.EventPublisher.Read).ShouldContain(static occurrence => occurrence.End == "maintenance");
        (await work.GetAsync(Token))!.Stages.Single().RetriesUsed.ShouldBe(0);
    }

    [Fact]
    public async Task Protected_work_delays_a_major_window_and_the_operator_sees_that_it_does()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("coupled", Long with { Steps = 1000 });
        var guarded = await lab.SubmitAsync([Stage(walltime: TimeSpan.FromHours(10))], with: static it => it with { Protected = true, Priority = PriorityClass.High });
        await lab.UntilAsync(guarded, "coupled", static stage => stage.Step >= 50, "is at step 50");
        var now = lab.World.Clock.GetUtcNow();

        (await Cluster(lab).AddWindowsAsync([new() { Id = "switch", Severity = WindowSeverity.Major, Start = now.AddSeconds(20), End = now.AddSeconds(80) }], Token)).Accepted.ShouldBeTrue();

        await lab.UntilAsync(async () => await StatusAsync(lab, "switch") == WindowStatus.Blocked, "the window is blocked");
        var blocker = (await Cluster(lab).GetArrangementsAsync(Token)).Windows.Single().Blockers.ShouldHaveSingleItem();
        blocker.Protected.ShouldBeTrue();
        await lab.UntilAsync(guarded, SimulationStatus.Completed);
        (await lab.AllEventsOfAsync(guarded)).ShouldNotContain(static occurrence => occurrence.End == "maintenance");
        await lab.UntilAsync(async () => await StatusAsync(lab, "switch") == WindowStatus.Completed, "the window was held");
    }

    [Fact]
    public async Task A_reservation_is_confirmed_keeps_others_off_begins_and_ends()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        await lab.UntilAsync(async () => (await Cluster(lab).GetAsync(Token)).Nodes.Length == 1, "the node is known");
        var now = lab.World.Clock.GetUtcNow();

        var reply = await Cluster(lab).RequestReservationAsync(
            new() { Id = "course", Kind = ReservationKind.Exclusive, Start = now.AddSeconds(30), End = now.AddSeconds(90), Wanted = new() { Nodes = 1 }, Owner = new() { User = "ada" } }, Token);

        reply.Accepted.ShouldBeTrue(reply.Problem);
        reply.Reservation!.State.ShouldBe(ReservationState.Confirmed);
        (await Cluster(lab).RequestReservationAsync(reply.Reservation with { State = ReservationState.Requested }, Token)).Problem.ShouldContain("id:");
        await lab.UntilAsync(async () => await ReservationAsync(lab, "course") == ReservationState.Active, "it is active");
        var other = await lab.SubmitAsync([Lab.Stage("other")]);
        await lab.UntilAsync(other, "other", static stage => stage.Queue?.Reason?.Constraint == PlacementConstraint.Reserved, "is kept off");
        await lab.UntilAsync(async () => await ReservationAsync(lab, "course") == ReservationState.Completed, "it is over");
        await lab.CheckEndAsync(other);
    }

    [Fact]
    public async Task A_priority_that_is_set_reorders_what_waits()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("first", Long with { Steps = 200 });
        var first = await lab.SubmitAsync([Lab.Stage("first", cores: 4)]);
        await lab.UntilAsync(first, "first", static stage => stage.Status == StageStatus.Running, "runs");
        var second = await lab.SubmitAsync([Lab.Stage("second", cores: 4)], order: 1);
        var third = await lab.SubmitAsync([Lab.Stage("third", cores: 4)], order: 2);
        await lab.UntilAsync(async () => (await Cluster(lab).GetAsync(Token)).Queue.Length == 2, "both wait");

        (await Cluster(lab).SetPriorityAsync(new() { Target = third.GetPrimaryKeyString(), Value = 1 }, Token)).Changed.ShouldBeTrue();
        (await Cluster(lab).SetPriorityAsync(new() { Target = third.GetPrimaryKeyString(), Value = 1 }, Token)).Changed.ShouldBeFalse();
        (await Cluster(lab).SetPriorityAsync(new() { Target = "s-1", Value = 1.5 }, Token)).Problem.ShouldBe("value: it is 1.5; 0 to 1 are allowed.");

        await lab.CheckEndAsync(first, second, third);
        var started = await StartsAsync(third, second);
        started[0].ShouldBeLessThan(started[1]);
    }

    [Fact]
    public async Task Arrangements_survive_the_kill_of_all_silos_and_nothing_starts_twice()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        await SetAsync(lab, Eager);
        lab.Runs("coupled", Long with { Steps = 600 });
        var low = await lab.SubmitAsync([Stage()], with: static it => it with { Priority = PriorityClass.Low });
        await lab.UntilAsync(low, "coupled", static stage => stage.Step >= 50, "is at step 50");
        var now = lab.World.Clock.GetUtcNow();
        await Cluster(lab).AddWindowsAsync([new() { Id = "later", Severity = WindowSeverity.Minor, Start = now.AddDays(2), End = now.AddDays(3) }], Token);
        await Cluster(lab).SetPriorityAsync(new() { Target = low.GetPrimaryKeyString(), Class = PriorityClass.Background }, Token);
        var critical = await lab.SubmitAsync([Lab.Stage("urgent", nodes: 2, cores: 4)], with: static it => it with { Priority = PriorityClass.Critical });
        await lab.UntilAsync(async () => (await FactsAsync(lab)).Contains("lease-preempted"), "it is asked to leave");

        await lab.World.KillAllAndStartAgainAsync();

        var after = await Cluster(lab).GetArrangementsAsync(Token);
        after.Windows.Select(static window => window.Window.Id).ShouldBe(["later"]);
        after.Priorities.ShouldHaveSingleItem().Class.ShouldBe(PriorityClass.Background);
        after.Policy.ShouldNotBeEmpty();
        await lab.CheckEndAsync(low, critical);
    }

    [Fact]
    public async Task A_hard_budget_is_drawn_before_a_start_settled_at_the_end_and_never_exceeded()
    {
        await using var lab = await Lab.OpenAsync(nodes: 2);
        var account = new AccountId(lab.World.NewKey('p'));
        var grain = lab.World.Grains.GetGrain<IAccountGrain>(account.Value);
        (await grain.SetAsync(new() { Budgets = [new() { Unit = BudgetUnit.CoreHours, Limit = 0.1 }] }, Token)).Problems.ShouldBeEmpty();
        lab.Runs("coupled", Long with { Steps = 100 });
        StageDefinition Stage(double minutes) => Lab.Stage("coupled", cores: 4) with { Walltime = TimeSpan.FromMinutes(minutes), Restart = "coupled --resume" };

        // One and a half minutes of four cores is the whole budget; together both would be more.
        var first = await lab.SubmitAsync([Stage(1)], account: account);
        var second = await lab.SubmitAsync([Stage(1)], account: account, order: 1);
        var large = await lab.SubmitAsync([Stage(60)], account: account, order: 2);

        await lab.UntilAsync(first, SimulationStatus.Completed);
        await lab.UntilAsync(second, SimulationStatus.Completed);
        await lab.UntilAsync(large, "coupled", static stage => stage.Queue?.Reason?.Constraint == PlacementConstraint.Budget, "waits for its budget");
        (await StartsAsync(first, second)).Distinct().Count().ShouldBe(2);
        (await grain.StandingAsync(Token)).BudgetLeft[BudgetUnit.CoreHours].ShouldBeInRange(0, 0.1);
        (await FactsAsync(lab)).ShouldContain("escrow-answered");
        await large.ControlAsync(new() { Verb = SimulationVerb.Cancel }, Token);
        await lab.UntilAsync(large, SimulationStatus.Cancelled);
    }

    [Fact]
    public async Task Questions_are_answered_and_change_nothing()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        lab.Runs("coupled", Long with { Steps = 200 });
        var first = await lab.SubmitAsync([Stage()]);
        await lab.UntilAsync(first, "coupled", static stage => stage.Status == StageStatus.Running, "runs");
        var second = await lab.SubmitAsync([Lab.Stage("second", cores: 4)], order: 1);
        await lab.UntilAsync(second, "second", static stage => stage.Queue?.Reason is not null, "waits with a reason");
        var waiting = (await Cluster(lab).GetAsync(Token)).Queue.Single().Attempt;

        var why = (await Cluster(lab).ExplainAsync(waiting, Token)).ShouldNotBeNull();
        why.Decision.ShouldNotBeEmpty();
        why.Factors.ShouldNotBeEmpty();
        (await Cluster(lab).ExplainAsync(new(waiting.Simulation, "none", 1), Token)).ShouldBeNull();
        var node = lab.Nodes[0].Id;
        var forecast = await Cluster(lab).PlanAsync(new() { Nodes = [new() { Like = node }] }, Token);
        forecast.Problem.ShouldBeEmpty();
        forecast.Changed.Single(run => run.Attempt == waiting).Start!.Value.ShouldBeLessThan(forecast.AsItIs.Single(run => run.Attempt == waiting).Start!.Value);
        (await Cluster(lab).CheckAsync([new() { Threads = 4 }, new() { Threads = 500 }], new() { User = "ada" }, Token)).Select(static problem => problem.Length > 0).ShouldBe([false, true]);
        await lab.CheckEndAsync(first, second);
    }

    /// <summary>Nobody is left alone for long, so that a test sees it.</summary>
    private static SchedulingSettings Eager => new() { Preemption = new() { Quantum = TimeSpan.FromSeconds(2), WaitFirst = TimeSpan.FromSeconds(1), Cooldown = TimeSpan.FromSeconds(5), CheckpointWait = TimeSpan.FromSeconds(10) } };

    private static IClusterGrain Cluster(Lab lab) => lab.World.Grains.GetGrain<IClusterGrain>(lab.Cluster.Value);

    private static StageDefinition Stage(TimeSpan? walltime = null) => Lab.Stage("coupled", cores: 4) with { Restart = "coupled --resume", Walltime = walltime };

    private static async Task SetAsync(Lab lab, SchedulingSettings settings) => (await Cluster(lab).SetPolicyAsync(PolicyText.Write(settings), Token)).Accepted.ShouldBeTrue();

    private static async Task<WindowStatus> StatusAsync(Lab lab, string window) =>
        (await Cluster(lab).GetArrangementsAsync(Token)).Windows.Single(view => view.Window.Id == window).Window.Status;

    private static async Task<ReservationState> ReservationAsync(Lab lab, string reservation) =>
        (await Cluster(lab).GetArrangementsAsync(Token)).Reservations.Single(known => known.Id == reservation).State;

    private static async Task<DateTimeOffset[]> StartsAsync(params ISimulationGrain[] simulations) =>
        [.. (await Task.WhenAll(simulations.Select(simulation => simulation.GetAsync(Token)))).Select(static view => view!.Stages[0].StartedAt!.Value)];

    private static async Task<IEnumerable<string>> FactsAsync(Lab lab) => (await lab.World.Ledger.LoadAsync(lab.Cluster.Value, Token)).Entries.Select(static entry => entry.Kind);
}
