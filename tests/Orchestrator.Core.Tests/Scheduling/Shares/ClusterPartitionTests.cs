using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Scheduling.Shares;

public sealed class ClusterPartitionTests
{
    private const int CoresPerNode = 32;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 200)];

    [Fact]
    public void Guarantees_over_the_whole_are_scaled_and_all_nodes_are_allotted()
    {
        var partition = ClusterPartition.Divide(20, [Client("premium", 60, 80), Client("standard", 30, 50), Client("basic", 20, 30)]);

        partition.Allotments.Sum(static allotment => allotment.Allotted).ShouldBe(20);
        partition.Of("premium").Guaranteed.ShouldBe(10);
        partition.Of("standard").Guaranteed.ShouldBe(5);
        partition.Of("basic").Guaranteed.ShouldBe(3);
        partition.Allotments.ShouldAllBe(allotment => allotment.Allotted >= allotment.Guaranteed);
    }

    [Fact]
    public void A_loan_stays_within_the_lenders_limit_and_the_borrowers_maximum()
    {
        var standard = Client("standard", 30, 50);

        Borrowed(Client("premium", 50, 80, demand: 90), standard).ShouldBe(10, "20 are left over, and its maximum is 80");
        Borrowed(Client("premium", 50, 100, demand: 100), standard).ShouldBe(15, "half of 30");
        Borrowed(Client("premium", 75, 80, demand: 90), standard with { Guaranteed = 0.25 }).ShouldBe(5, "its maximum is 80");
        Borrowed(Client("premium", 50, 80, demand: 90), standard, borrowing: false).ShouldBe(0);

        static long Borrowed(ShareClaim borrower, ShareClaim lender, bool borrowing = true) => ClusterPartition.Divide(100, [borrower, lender], borrowing).Of("premium").Borrowed;
    }

    [Fact]
    public void Twice_the_nodes_are_twice_the_nodes_for_a_client()
    {
        var few = ClusterPartition.Divide(10, Fixture()).Of("premium").Allotted;
        var many = ClusterPartition.Divide(20, Fixture()).Of("premium").Allotted;

        (many / (double)few).ShouldBe(2, 0.2);
    }

    [Fact]
    public void Without_clients_there_are_no_parts_and_without_nodes_all_parts_are_nothing()
    {
        ClusterPartition.Divide(20, []).Allotments.ShouldBeEmpty();
        ClusterPartition.Divide(0, Fixture()).Allotments.ShouldAllBe(static allotment => allotment.Allotted == 0 && allotment.Part == 0);
    }

    [Fact]
    public void Each_gets_its_guarantee_and_who_wants_more_borrows_within_the_lenders_limit()
    {
        const long Total = 10 * CoresPerNode;
        var first = ClusterPartition.Divide(Total, Three(0.2, 160, 80, 80), borrowing: false);
        first.Of("premium").Part.ShouldBeGreaterThanOrEqualTo(0.5);
        first.Of("standard").Part.ShouldBeGreaterThanOrEqualTo(0.3);
        first.Of("basic").Part.ShouldBeGreaterThanOrEqualTo(0.1);

        var second = ClusterPartition.Divide(Total, Three(0.2, 320, 96, 0));

        var loan = second.Loans.ShouldHaveSingleItem();
        (loan.Lender, loan.Borrower).ShouldBe(("basic", "premium"));
        second.Of("premium").Borrowed.ShouldBe(second.Of("basic").Lent);
        (second.Of("basic").Lent / (double)second.Of("basic").Guaranteed).ShouldBeInRange(0.001, 0.2);
    }

    [Fact]
    public void A_client_that_wants_more_gets_more_of_what_is_left_over()
    {
        const long Total = 10 * CoresPerNode;
        long[] jobs = [.. new[] { 4, 3, 1 }.Select(static count => count * 2L * CoresPerNode)];
        long[] grown = [.. new[] { 2, 1, 5 }.Select(static count => count * 2L * CoresPerNode)];

        ClusterPartition.Divide(Total, Three(0.2, grown[0], grown[1], grown[2])).Of("basic").Part
            .ShouldBeGreaterThan(ClusterPartition.Divide(Total, Three(0.2, jobs[0], jobs[1], jobs[2])).Of("basic").Part);
    }

    [Fact]
    public void With_borrowing_switched_off_nobody_borrows_or_lends()
    {
        var partition = ClusterPartition.Divide(10 * CoresPerNode, Three(0.5, 320, 0, 0), borrowing: false);

        partition.Loans.ShouldBeEmpty();
        partition.Allotments.ShouldAllBe(static allotment => allotment.Borrowed == 0 && allotment.Lent == 0);
    }

    [Fact]
    public void A_larger_limit_lends_no_less()
    {
        const long Total = 10 * CoresPerNode;
        var small = ClusterPartition.Divide(Total, Three(0.05, 8 * CoresPerNode, CoresPerNode * 3 / 2, CoresPerNode / 2));
        var large = ClusterPartition.Divide(Total, Three(0.50, 8 * CoresPerNode, CoresPerNode * 3 / 2, CoresPerNode / 2));

        small.Of("premium").Borrowed.ShouldBeGreaterThan(0);
        large.Of("premium").Borrowed.ShouldBeGreaterThanOrEqualTo(small.Of("premium").Borrowed);
        large.Of("premium").Allotted.ShouldBeGreaterThanOrEqualTo(small.Of("premium").Allotted);
    }

    [Fact]
    public void Bad_claims_are_refused_by_name()
    {
        Should.Throw<ArgumentException>(static () => ClusterPartition.Divide(10, [Client("a", 10, 20), Client("a", 10, 20)])).Message.ShouldContain("\"a\" is named twice");
        Should.Throw<ArgumentException>(static () => ClusterPartition.Divide(10, [Client("a", -10, 20)])).Message.ShouldContain("0 to 1 is allowed");
        Should.Throw<ArgumentException>(static () => ClusterPartition.Divide(10, [Client("a", 30, 20)])).Message.ShouldContain("maximum of 0.2");
        Should.Throw<ArgumentException>(static () => ClusterPartition.Divide(-1, []));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Nothing_is_given_twice_nobody_exceeds_a_maximum_and_loans_add_up(int seed)
    {
        var random = new Random(seed);
        long total = random.Next(0, 500);
        ShareClaim[] claims =
        [
            .. Enumerable.Range(0, random.Next(0, 6)).Select(i =>
            {
                var guaranteed = random.Next(0, 60) / 100.0;
                return new ShareClaim
                {
                    Account = $"c{i}",
                    Guaranteed = guaranteed,
                    Maximum = guaranteed + ((1 - guaranteed) * random.NextDouble()),
                    LendLimit = random.NextDouble(),
                    MayBorrow = random.Next(4) > 0,
                    Demand = random.Next(0, 400),
                };
            }),
        ];

        var partition = ClusterPartition.Divide(total, claims);

        partition.Unallotted.ShouldBeGreaterThanOrEqualTo(0);
        partition.Loans.Sum(static loan => loan.Amount).ShouldBe(partition.Allotments.Sum(static allotment => allotment.Borrowed));
        foreach (var allotment in partition.Allotments)
        {
            var claim = claims.Single(claim => claim.Account == allotment.Account);
            allotment.Allotted.ShouldBeLessThanOrEqualTo(allotment.Maximum);
            allotment.Lent.ShouldBeLessThanOrEqualTo((long)((allotment.Guaranteed * claim.LendLimit) + 1e-6));
            allotment.Allotted.ShouldBeGreaterThanOrEqualTo(Math.Min(claim.Demand, allotment.Guaranteed));
            (allotment.Borrowed == 0 || claim.MayBorrow && allotment.Lent == 0).ShouldBeTrue();
        }
    }

    internal static ShareClaim Client(string name, int guaranteed, int maximum, double lends = 0.5, long demand = 0) =>
        new() { Account = name, Guaranteed = guaranteed / 100.0, Maximum = maximum / 100.0, LendLimit = lends, Demand = demand };

    private static ShareClaim[] Fixture() => [Client("premium", 50, 80), Client("standard", 30, 50), Client("basic", 10, 30)];

    private static ShareClaim[] Three(double lends, long premium, long standard, long basic) =>
        [Client("premium", 50, 80, lends, premium), Client("standard", 30, 60, lends, standard), Client("basic", 10, 40, lends, basic)];
}
