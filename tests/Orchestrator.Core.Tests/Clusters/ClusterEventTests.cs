using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Windows;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What is told of decisions (invariants 9 and 10).</summary>
public sealed class ClusterEventTests
{
    private readonly ClusterStory story = With(nodes: 2);

    private ImmutableArray<OrchestratorEvent> Outbox => story.State.Outbox;

    [Fact]
    public void Who_makes_way_is_told_for_whom_and_why()
    {
        story.Request(1, user: "ada");
        story.Plan();
        Preempt(1);

        var told = Outbox.ShouldHaveSingleItem();
        told.Kind.ShouldBe(EventKinds.AttemptPreempted);
        (told.Simulation, told.Stage, told.User, told.Sequence).ShouldBe((Attempt(1).Simulation, Attempt(1).Stage, "ada", 1));
        told.Text.ShouldContain($"makes way for {Attempt(9)}: its priority is higher; it is to be gone by ");
        story.Status(1).StopFor.ShouldBe($"{Attempt(9)}: its priority is higher");
        story.Status(2).StopFor.ShouldBeEmpty();
    }

    [Fact]
    public void A_window_is_told_once_for_each_step_and_a_repeat_says_nothing()
    {
        var window = new MaintenanceWindow { Id = "kernel", Start = story.Now.AddHours(1), End = story.Now.AddHours(2), Nodes = [Node(1)], By = "olga" };
        story.Step(new ClusterInput.WindowsAdded([window]));
        story.Step(new ClusterInput.WindowCancelled("kernel", "the disk came late", "olga"));
        story.Step(new ClusterInput.WindowCancelled("kernel", "the disk came late", "olga"));

        Outbox.Select(static told => told.Kind).ShouldBe([EventKinds.WindowAdded, EventKinds.WindowCancelled]);
        Outbox[0].Text.ShouldEndWith("was added, by olga");
        Outbox[0].By.ShouldBe("olga");
        Outbox[1].Text.ShouldContain("the disk came late");
    }

    [Fact]
    public void What_people_set_is_told_with_who_did()
    {
        story.Request(1);
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Value = 0.9, By = "olga" }));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Promise = 0.5 }));
        story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(1).Simulation, Deadline = story.Now.AddDays(1), By = "olga" }));
        story.Step(new ClusterInput.EnergySet(new EnergyOutlook { Mode = EnergyMode.NightSavings }, "olga"));
        story.Step(new ClusterInput.LicencesSet(ImmutableSortedDictionary<string, int>.Empty.Add("cfd", 3), "olga"));

        Outbox.Select(static told => told.Kind).ShouldBe([EventKinds.PriorityChanged, EventKinds.DeadlineChanged, EventKinds.EnergyChanged, EventKinds.LicencesChanged], ignoreOrder: false);
        Outbox.ShouldAllBe(static told => told.By == "olga");
        Outbox[0].Text.ShouldBe("priority of s-1: 0.9, by olga");
        Outbox[2].Text.ShouldBe("energy mode: night-savings, before none, by olga");
        Outbox[3].Text.ShouldBe("licences: cfd 3, before none, by olga");
    }

    [Fact]
    public void What_was_set_before_is_told_with_what_is_set_now()
    {
        story.Request(1);
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Value = 0.9, By = "olga" }));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", Value = 0.5, Class = Core.Workflows.PriorityClass.Low, By = "peter" }));
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-1", By = "olga" }));
        story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(1).Simulation, Deadline = story.Now.AddDays(1), By = "olga" }));
        story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(1).Simulation, By = "peter" }));

        Outbox.Select(static told => told.Text).ShouldBe(
        [
            "priority of s-1: 0.9, by olga", "priority of s-1: 0.5 low, before 0.9, by peter", "priority of s-1: computed again, before 0.5 low, by olga",
            "s-1: deadline 2026-03-02 12:00:00Z, by olga", "s-1: no deadline any more, before 2026-03-02 12:00:00Z, by peter",
        ]);
    }

    [Fact]
    public void Two_operators_who_change_licences_at_once_leave_each_others_and_of_the_same_both_are_told()
    {
        story.Step(new ClusterInput.LicencesSet(Licences(("cfd", 3), ("fem", 1)), "root"));
        story.Step(new ClusterInput.LicencesChanged(Licences(("cfd", 4)), "olga"));
        story.Step(new ClusterInput.LicencesChanged(Licences(("fem", -1), ("mesh", 2)), "peter"));
        story.Step(new ClusterInput.LicencesChanged(Licences(("cfd", 5)), "peter"));
        story.Step(new ClusterInput.LicencesChanged(Licences(("cfd", 5), ("fem", -1)), "olga")).ShouldBeEmpty("it is so already");

        story.State.Licences.ShouldBe(Licences(("cfd", 5), ("mesh", 2)));
        Outbox.Select(static told => (told.Text, told.By)).ShouldBe(
        [
            ("licences: cfd 3, before none; fem 1, before none, by root", "root"), ("licences: cfd 4, before 3, by olga", "olga"),
            ("licences: fem none, before 1; mesh 2, before none, by peter", "peter"), ("licences: cfd 5, before 4, by peter", "peter"),
        ]);
        ClusterMachine.Refusal(story.State, new ClusterInput.LicencesChanged(Licences(("cfd", -2)), "olga"), story.Policy, story.Now).ShouldNotBeNull().ShouldStartWith("licences.cfd: it is -2");

        static ImmutableSortedDictionary<string, int> Licences(params (string Name, int Count)[] all) => all.ToImmutableSortedDictionary(static one => one.Name, static one => one.Count);
    }

    [Fact]
    public void What_people_set_of_work_that_neither_waits_nor_runs_is_of_its_project_and_campaign_too()
    {
        story.Step(new ClusterInput.PrioritySet(new() { Target = "s-9", Value = 0.9, By = "olga", Project = "climate/attribution", Campaign = "co2" }));
        story.Step(new ClusterInput.DeadlineSet(new() { Simulation = Attempt(9).Simulation, Deadline = story.Now.AddDays(1), By = "olga", Project = "climate/attribution", Campaign = "co2" }));

        Outbox.Length.ShouldBe(2);
        Outbox.ShouldAllBe(static told => told.Project == "climate/attribution" && told.Campaign == "co2");
    }

    [Fact]
    public void Who_makes_way_for_a_guarantee_is_told_for_whom_and_of_which_account_it_is() =>
        ClusterEvents.ForWhom(new() { Trigger = PreemptionTrigger.Fairness, For = "s-b/run@1", Reason = "account p-b claims its guarantee" }).ShouldBe("s-b/run@1: account p-b claims its guarantee");

    [Fact]
    public void Events_are_owed_until_they_are_in_the_log_and_a_late_word_of_it_takes_no_newer_one()
    {
        story.Step(new ClusterInput.LicencesSet(ImmutableSortedDictionary<string, int>.Empty.Add("cfd", 3), "olga"));
        story.Duties.Owed(story.State).OfType<ClusterEffect.Publish>().Single().Events.Length.ShouldBe(1);
        story.Step(new ClusterInput.LicencesSet(ImmutableSortedDictionary<string, int>.Empty.Add("cfd", 4), "olga"));

        story.Step(new ClusterInput.Published(1));
        story.Step(new ClusterInput.Published(1)).ShouldBeEmpty();

        ClusterDuties.All(story.State).Owed(story.State).OfType<ClusterEffect.Publish>().Single().Events.Single().Sequence.ShouldBe(2);
        story.Step(new ClusterInput.Published(2));
        story.Duties.Owed(story.State).OfType<ClusterEffect.Publish>().ShouldBeEmpty();
        story.State.EventSequence.ShouldBe(2);
    }

    private void Preempt(int number) => story.Step(new ClusterInput.PreemptionOrdered(new()
    {
        Victim = Attempt(number),
        Trigger = PreemptionTrigger.HigherPriority,
        For = Attempt(9).ToString(),
        StopBy = story.Now.AddMinutes(5),
        Reason = "its priority is higher",
    }));
}
