using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Scheduling.Shares;

public sealed class ShareStandingTests
{
    private static readonly ShareAdmission Rule = new();

    [Fact]
    public void Each_holds_its_guarantee_and_who_wants_more_is_told_from_whom_it_borrows()
    {
        var crowd = Three();
        Wait(crowd, ("p-premium", 100), ("p-standard", 30));
        crowd.Plan(Rule);

        var standings = ShareStandings.Of(crowd);

        var (premium, standard, basic) = (Of(standings, "p-premium"), Of(standings, "p-standard"), Of(standings, "p-basic"));
        (premium.Total, premium.Guaranteed, premium.Maximum, premium.Held, premium.Waiting).ShouldBe((100, 50, 80, 62, 38));
        (standard.Held, standard.Borrowed, standard.Lent).ShouldBe((30, 0, 0));
        (premium.Borrowed, basic.Lent, basic.Held).ShouldBe((2, 2, 0), "10 of the 12 beyond its guarantee are nobody's, and basic lends a fifth of its own");
        var loan = premium.Loans.ShouldHaveSingleItem();
        (loan.Lender, loan.Borrower, loan.Amount).ShouldBe(("p-basic", "p-premium", 2));
        basic.Loans.ShouldHaveSingleItem().ShouldBe(loan);
        standings.Sum(static standing => standing.Held).ShouldBe(92, "what basic does not lend stays free");
    }

    [Fact]
    public void What_nobody_is_guaranteed_is_used_and_not_borrowed()
    {
        var crowd = Three();
        Wait(crowd, ("p-premium", 55));
        crowd.Plan(Rule);

        Of(ShareStandings.Of(crowd), "p-premium").ShouldSatisfyAllConditions(
            static premium => premium.Held.ShouldBe(55),
            static premium => premium.Borrowed.ShouldBe(0),
            static premium => premium.Loans.ShouldBeEmpty());
    }

    [Fact]
    public void More_demand_allots_more_and_lends_less()
    {
        var before = Three();
        Wait(before, ("p-premium", 100), ("p-standard", 30));
        var after = Three();
        Wait(after, ("p-premium", 100), ("p-standard", 30), ("p-basic", 25));

        var (little, much) = (Of(ShareStandings.Of(before), "p-basic").Allotted, Of(ShareStandings.Of(after), "p-basic").Allotted);

        much.ShouldBeGreaterThan(little);
        ShareStandings.Of(after).Sum(static standing => standing.Allotted).ShouldBe(100);
    }

    [Fact]
    public void Guarantees_over_the_whole_are_scaled_as_plans_scale_them()
    {
        var crowd = Crowd.On(20).Account("p-premium", 60, 80).Account("p-standard", 30, 50).Account("p-basic", 20, 30);

        var standings = ShareStandings.Of(crowd);

        standings.Select(static standing => (standing.Account, standing.Guaranteed, standing.Maximum)).ShouldBe([("p-basic", 3, 6), ("p-premium", 10, 16), ("p-standard", 5, 10)]);
        standings.Sum(static standing => standing.Allotted).ShouldBe(20, "all are somebody's");
    }

    [Fact]
    public void Nodes_that_are_not_seen_do_not_count()
    {
        var crowd = Crowd.On(20).Account("p-premium", 50, 80).Without(5);

        Of(ShareStandings.Of(crowd), "p-premium").ShouldSatisfyAllConditions(
            static premium => premium.Total.ShouldBe(15),
            static premium => premium.Guaranteed.ShouldBe(7),
            static premium => premium.Maximum.ShouldBe(12));
    }

    [Fact]
    public void Without_accounts_there_are_none_and_without_nodes_all_have_nothing()
    {
        ShareStandings.Of(Crowd.On(4)).ShouldBeEmpty();
        Of(ShareStandings.Of(Crowd.On(0).Account("p-premium", 50, 80)), "p-premium").ShouldSatisfyAllConditions(
            static premium => premium.Total.ShouldBe(0),
            static premium => premium.Allotted.ShouldBe(0));
    }

    [Fact]
    public void A_larger_limit_lends_no_less()
    {
        var (small, large) = (Held(0.05), Held(0.5));

        small.Borrowed.ShouldBe(0, "a twentieth of 10 is no whole core");
        large.Borrowed.ShouldBe(5);
        large.Held.ShouldBeGreaterThan(small.Held);

        static ShareStanding Held(double lends)
        {
            var crowd = Three(lends);
            Wait(crowd, ("p-premium", 100), ("p-standard", 30));
            crowd.Plan(Rule);
            return Of(ShareStandings.Of(crowd), "p-premium");
        }
    }

    [Fact]
    public void With_borrowing_switched_off_nobody_borrows_or_lends()
    {
        var crowd = Three();
        crowd.Settings = new() { Shares = new() { Borrowing = false } };
        Wait(crowd, ("p-premium", 100));
        crowd.Plan(Rule);

        ShareStandings.Of(crowd).ShouldAllBe(static standing => standing.Borrowed == 0 && standing.Lent == 0 && standing.Loans.IsEmpty);
        Of(ShareStandings.Of(crowd), "p-premium").Held.ShouldBe(60);
    }

    [Fact]
    public void Who_was_never_arranged_anything_is_guaranteed_nothing_and_may_have_all()
    {
        var crowd = Crowd.On(4);
        crowd.Runs("p-new", 3);
        crowd.Waits("p-new", 9);

        Of(ShareStandings.Of(crowd), "p-new").ShouldSatisfyAllConditions(
            static standing => (standing.Guaranteed, standing.Maximum, standing.Held).ShouldBe((0, 4, 3)),
            static standing => standing.Waiting.ShouldBe(0, "nine nodes never fit"),
            static standing => standing.Borrowed.ShouldBe(0));
    }

    [Fact]
    public void GPUs_count_by_the_part_that_is_held()
    {
        var view = new SchedulingWorkspace(new(), Make.PlainParts);
        view.SetNode(Make.Node(1).WithGpus(("A100", 80), ("A100", 80)));
        view.SetRunning(new() { Attempt = Make.Attempt(1), Owner = new() { Account = new AccountId("p-premium") }, Shares = [new() { Node = Make.Id(1), Cores = [0], Gpus = [0, 1], GpuThousandths = 250 }] });

        Of(ShareStandings.Of(view), "p-premium").GpusHeld.ShouldBe(0.5);
    }

    /// <summary>A hundred cores; 50, 30 and 10 % are guaranteed, and at most 80, 60 and 40 % had.</summary>
    private static Crowd Three(double lends = 0.2) => Crowd.On(100).Account("p-premium", 50, 80, lends).Account("p-standard", 30, 60, lends).Account("p-basic", 10, 40, lends);

    private static void Wait(Crowd crowd, params (string Account, int Cores)[] wanted)
    {
        foreach (var (account, cores) in wanted)
        {
            for (var i = 0; i < cores; i++)
            {
                crowd.Waits(account);
            }
        }
    }

    private static ShareStanding Of(ImmutableArray<ShareStanding> standings, string account) => standings.Single(standing => standing.Account == account);
}
