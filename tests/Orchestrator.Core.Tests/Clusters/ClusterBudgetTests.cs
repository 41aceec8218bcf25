using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Simulations;
using static Orchestrator.Core.Tests.Clusters.ClusterStory;

namespace Orchestrator.Core.Tests.Clusters;

/// <summary>What the budgets of its account mean to work that runs, by the cluster's ledger.</summary>
public sealed class ClusterBudgetTests
{
    private static readonly AccountId Account = new("p-lab.heat");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_first_hard_budget_of_an_account_has_nothing_leave_that_it_covers(bool covers)
    {
        var story = With(nodes: 1);
        story.Step(new ClusterInput.Requested(story.RequestOf(1) with { Owner = new() { Institution = "lab", Project = "heat", User = "ada", Account = Account } }));
        Answer(story, new());
        story.Plan();
        story.Status(1).State.ShouldBe(LeaseState.Granted);

        // It runs for an hour; then an operator gives the account a budget, and the cluster asks again.
        story.Pass(TimeSpan.FromHours(1));
        story.Step(new ClusterInput.AccountChanged(Account));
        var limited = new AccountStanding { BudgetLeft = ImmutableSortedDictionary<BudgetUnit, double>.Empty.Add(BudgetUnit.CoreHours, 1000) };
        Answer(story, limited).ShouldNotContain(static fact => fact is ClusterFact.Preempted, "nobody has asked the account for it yet");

        story.Step(new ClusterInput.Passed()).OfType<ClusterFact.EscrowSent>().ShouldHaveSingleItem().Order.Draws.ShouldHaveSingleItem().For.ShouldBe(Attempt(1));
        Answer(story, limited, covers);
        story.Step(new ClusterInput.Passed());
        story.Status(1).Stop.ShouldBe(covers ? StopReason.Absent : StopReason.Preemption);
    }

    private static IReadOnlyList<ClusterFact> Answer(ClusterStory story, AccountStanding standing, params bool[] granted) => story.Step(new ClusterInput.EscrowAnswered(
        Account, new() { Operation = story.State.Escrows[Account.Value].Sent.ShouldNotBeNull().Operation, Granted = [.. granted], Standing = standing }));
}
