using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Scheduling.Shares;

public sealed class ShareAdmissionTests
{
    private static readonly ShareAdmission Rule = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 100)];

    [Fact]
    public void A_client_at_its_maximum_never_starts_anything()
    {
        var crowd = Crowd.On(20).Account("p-basic", 10, 30);
        crowd.Runs("p-basic", 6);
        var request = crowd.Waits("p-basic");

        var reason = Rule.Open(crowd, Make.Now).Refusal(request).ShouldNotBeNull();

        reason.Constraint.ShouldBe(PlacementConstraint.Share);
        reason.For.ShouldBe("p-basic");
    }

    [Fact]
    public void What_a_plan_starts_counts_in_the_same_plan()
    {
        var crowd = Crowd.On(20).Account("p-basic", 10, 30);
        for (var i = 0; i < 20; i++)
        {
            crowd.Waits("p-basic");
        }

        crowd.Plan(Rule).ShouldBe(6);
    }

    [Fact]
    public void What_others_are_guaranteed_and_do_not_lend_stays_free()
    {
        var crowd = Crowd.On(20).Account("p-premium", 50, 80, lends: 0.4).Account("p-other", 0);
        for (var i = 0; i < 20; i++)
        {
            crowd.Waits("p-other");
        }

        crowd.Plan(Rule).ShouldBe(14);
    }

    [Fact]
    public void What_the_lender_waits_for_itself_is_not_lent()
    {
        var crowd = Crowd.On(20).Account("p-premium", 50, 80, lends: 1).Account("p-other", 0);
        for (var i = 0; i < 20; i++)
        {
            crowd.Waits("p-other");
        }

        for (var i = 0; i < 7; i++)
        {
            crowd.Waits("p-premium");
        }

        crowd.Plan(Rule).ShouldBe(20);
        crowd.Held("p-premium").ShouldBe(7);
        crowd.Held("p-other").ShouldBe(13);
    }

    [Theory, InlineData(true, false), InlineData(false, true)]
    public void Who_may_not_borrow_takes_only_what_nobody_is_guaranteed(bool switchedOn, bool mayBorrow)
    {
        var crowd = Crowd.On(20).Account("p-premium", 50, 80, lends: 1).Account("p-other", 0, borrows: mayBorrow);
        crowd.Settings = new() { Shares = new() { Borrowing = switchedOn } };
        for (var i = 0; i < 20; i++)
        {
            crowd.Waits("p-other");
        }

        crowd.Plan(Rule).ShouldBe(10);
    }

    [Fact]
    public void An_account_that_nobody_lists_is_limited_by_the_guarantees_of_others_alone()
    {
        var crowd = Crowd.On(10).Account("p-premium", 50, lends: 0);
        for (var i = 0; i < 10; i++)
        {
            crowd.Waits("p-nobody");
        }

        crowd.Plan(Rule).ShouldBe(5);
    }

    [Fact]
    public void Nodes_that_are_not_seen_count_for_nobody()
    {
        var crowd = Crowd.On(20).Without(10).Account("p-basic", 10, 30);
        for (var i = 0; i < 10; i++)
        {
            crowd.Waits("p-basic");
        }

        crowd.Plan(Rule).ShouldBe(3);
    }

    [Fact]
    public void A_request_for_whole_nodes_counts_all_their_cores()
    {
        var crowd = Crowd.On(10, cores: 8).Account("p-basic", 0, 25);

        Rule.Open(crowd, Make.Now).Refusal(crowd.Waits("p-basic", resources: new() { Nodes = 3, Exclusive = true })).ShouldNotBeNull();
        Rule.Open(crowd, Make.Now).Refusal(crowd.Waits("p-basic", resources: new() { Nodes = 2, Exclusive = true })).ShouldBeNull();
        Rule.Open(crowd, Make.Now).Refusal(crowd.Waits("p-basic", resources: new() { Nodes = 3 })).ShouldBeNull();
    }

    [Fact]
    public void Asking_changes_nothing()
    {
        var crowd = Crowd.On(2).Account("p-a", 50, 50);
        var request = crowd.Waits("p-a");
        var admission = Rule.Open(crowd, Make.Now);

        for (var i = 0; i < 5; i++)
        {
            admission.Refusal(request).ShouldBeNull();
        }
    }

    [Fact]
    public void A_lender_that_waited_claims_its_guarantee_from_borrowers_and_from_nobody_else()
    {
        var crowd = Crowd.On(20).Account("p-lender", 50, lends: 1).Account("p-quiet", 10).Account("p-borrower", 10);
        crowd.Runs("p-quiet", 2);
        var protectedOne = crowd.Runs("p-borrower", 2, guarded: true);
        var borrowed = Enumerable.Range(0, 8).Select(_ => crowd.Runs("p-borrower", 2)).ToArray();
        var patient = crowd.Waits("p-lender", 4, since: Make.Now.AddMinutes(-11));
        crowd.Waits("p-lender", 4, since: Make.Now.AddMinutes(-1));

        var claim = ShareReclaim.Claims(crowd, Make.Now).ShouldHaveSingleItem();

        claim.For.ShouldBe(patient.Attempt);
        claim.Account.ShouldBe("p-lender");
        claim.Cores.ShouldBe(4);
        claim.Excess.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create("p-borrower", 16L));
        claim.Candidates.ShouldBe(borrowed.Reverse().Select(static lease => lease.Attempt));
        claim.Candidates.ShouldNotContain(protectedOne.Attempt);
    }

    [Fact]
    public void Nothing_is_claimed_beyond_the_guarantee_or_when_it_is_switched_off()
    {
        var crowd = Crowd.On(10).Account("p-lender", 20, lends: 1).Account("p-borrower", 0);
        crowd.Runs("p-borrower", 10);
        crowd.Waits("p-lender", 3, since: Make.Now.AddHours(-1));
        ShareReclaim.Claims(crowd, Make.Now).ShouldBeEmpty();

        crowd.Waits("p-lender", 2, since: Make.Now.AddHours(-1));
        ShareReclaim.Claims(crowd, Make.Now).ShouldHaveSingleItem();
        crowd.Settings = new() { Shares = new() { ReclaimAfter = null } };
        ShareReclaim.Claims(crowd, Make.Now).ShouldBeEmpty();
    }

    /// <summary>Work comes and goes; nobody ever exceeds its maximum, and who wants what it is guaranteed gets it as soon as its claims are met.</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Shares_stay_within_maxima_and_guarantees_are_there_when_wanted(int seed)
    {
        var random = new Random(seed);
        const int Total = 40;
        var crowd = Crowd.On(Total);
        string[] accounts = ["p-a", "p-b", "p-c", "p-d"];
        crowd.Account("p-a", 40, 60, random.NextDouble()).Account("p-b", 30, 100, random.NextDouble()).Account("p-c", 10, 20, random.NextDouble(), borrows: random.Next(2) == 0);
        for (var turn = 0; turn < 60; turn++)
        {
            foreach (var account in accounts)
            {
                for (var i = random.Next(0, random.Next(0, 12)); i > 0; i--)
                {
                    crowd.Waits(account, random.Next(1, 4), since: Make.Now.AddHours(-1));
                }
            }

            crowd.Plan(Rule);
            Check();
            foreach (var lease in crowd.Running.Where(_ => random.Next(5) == 0).ToArray())
            {
                crowd.End(lease);
            }
        }

        // Then each takes back all of its guarantee, one claim after the other.
        crowd.Plan(Rule);
        while (ShareReclaim.Claims(crowd, Make.Now).FirstOrDefault(static claim => claim.Cores > 0) is { } claim)
        {
            var victim = crowd.Running.First(lease => lease.Attempt == claim.Candidates[0]);
            crowd.End(victim);
            crowd.Plan(Rule);
            Check();
        }

        foreach (var (account, guaranteed) in new[] { ("p-a", 16), ("p-b", 12), ("p-c", 4) })
        {
            crowd.Pending.ShouldNotContain(request => request.Owner.Account.Value == account && crowd.Held(account) + request.Resources.Nodes <= guaranteed);
        }

        void Check()
        {
            crowd.Held("p-a").ShouldBeLessThanOrEqualTo(24);
            crowd.Held("p-c").ShouldBeLessThanOrEqualTo(8);
            accounts.Sum(crowd.Held).ShouldBeLessThanOrEqualTo(Total);
        }
    }
}
