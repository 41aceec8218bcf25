using System.Text.Json;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Accounts;

/// <summary>Two clusters and an account over a bad line: orders and answers are lost, repeated and late, and either side forgets what it did not store.</summary>
public sealed class EscrowHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly EscrowSettings Settings = new();

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 100)];

    [Theory, MemberData(nameof(Seeds))]
    public void No_hard_budget_is_exceeded_at_any_moment_and_at_the_end_all_sums_agree(int seed)
    {
        var random = new Random(seed);
        var account = new AccountState();
        var now = Start;
        Budget[] budgets =
        [
            new() { Unit = BudgetUnit.CoreHours, Limit = random.Next(5, 60), Window = random.Next(2) == 0 ? BudgetWindow.Total : BudgetWindow.Hour },
            new() { Unit = BudgetUnit.CoreHours, Limit = random.Next(1, 20), User = "ada" },
            new() { Unit = BudgetUnit.Cost, Limit = random.Next(1, 10), Window = BudgetWindow.Day },
            new() { Unit = BudgetUnit.CoreHours, Limit = random.Next(1, 10), Kind = BudgetKind.Soft },
        ];
        var arrangedAt = random.Next(3) == 0 ? random.Next(100) : 0;
        Side[] clusters = [new("k-one"), new("k-two")];
        List<(Side To, EscrowOrder Order)> line = [];
        List<(Side To, EscrowReply Reply)> answers = [];
        var attempts = 0;
        var used = 0L;

        for (var turn = 0; turn < 600; turn++)
        {
            if (turn == arrangedAt)
            {
                Tell(new AccountInput.Set(new() { Budgets = [.. budgets.Take(random.Next(1, 5))] }, "root"));
            }

            var cluster = clusters[random.Next(2)];
            switch (random.Next(10))
            {
                case 0:
                    now += TimeSpan.FromSeconds(random.Next(1, 1000));
                    break;
                case 1 or 2 or 3:
                    Demand(cluster, random.Next(1, 8), TimeSpan.FromMinutes(random.Next(1, 120)), random.Next(3) == 0 ? "ada" : "bob", random.Next(2) == 0);
                    break;
                case 4 when cluster.Escrow.Holds.Count > 0:
                    EndOf(cluster, cluster.Escrow.Holds.Values.ElementAt(random.Next(cluster.Escrow.Holds.Count)));
                    break;
                case 6 when line.Count > 0:
                    // An order arrives, perhaps an old one, and perhaps for the second time.
                    var (from, order) = line[random.Next(4) == 0 ? random.Next(line.Count) : ^1];
                    Deliver(from, order);
                    break;
                case 7 when answers.Count > 0:
                    var (to, reply) = answers[random.Next(4) == 0 ? random.Next(answers.Count) : ^1];
                    to.Keep(to.Escrow.Answer(reply, now));
                    break;
                case 8:
                    // A restart: what was on its way is lost, and the order that has no answer is sent again.
                    line.Clear();
                    answers.Clear();
                    cluster.Keep(cluster.Escrow);
                    Send(cluster);
                    break;
                case 9 when random.Next(10) == 0:
                    Raise();
                    break;
                default:
                    Ask(cluster, []);
                    break;
            }

            foreach (var side in clusters)
            {
                foreach (var (attempt, by) in side.Escrow.MustLeave(now, Settings).ToArray())
                {
                    EndOf(side, side.Escrow.Holds[attempt.ToString()], by);
                }
            }

            AccountMachine.SanityCheck(account, now);
            Array.ForEach(clusters, static side => side.Escrow.SanityCheck());
        }

        // In the end everything ends and everybody is heard.
        foreach (var cluster in clusters)
        {
            foreach (var hold in cluster.Escrow.Holds.Values.ToArray())
            {
                EndOf(cluster, hold);
            }

            for (var i = 0; i < 5; i++)
            {
                now += TimeSpan.FromHours(1);
                Send(cluster);
                Ask(cluster, []);
                if (cluster.Escrow.Sent is { } sent)
                {
                    cluster.Keep(cluster.Escrow.Answer(Deliver(cluster, sent), now));
                }
            }

            cluster.Escrow.Free.ShouldBeEmpty();
            cluster.Escrow.Tallies.ShouldBeEmpty();
        }

        account.Escrows.Values.ShouldAllBe(static escrow => escrow.Reserved.IsEmpty);
        foreach (var (key, budget) in account.Terms.Budgets.Where(budget => arrangedAt == 0 && budget.Value.Window == BudgetWindow.Total && budget.Value.User.Length == 0))
        {
            var count = AccountBudgets.CountAt(account, budget, now);
            (count.Used + count.Overrun).ShouldBe(used, key);
        }

        void Demand(Side cluster, int cores, TimeSpan duration, string user, bool openEnded)
        {
            var perHour = new BudgetAmounts { CoreHours = cores * BudgetAmounts.PerUnit, Cost = cores * 50_000 };
            var cost = perHour.Over(openEnded ? TimeSpan.FromHours(1) : duration);
            var attempt = new AttemptId(new SimulationId($"s-{attempts++}"), "run", 1);
            if (cluster.Escrow.Covers(user, cost))
            {
                cluster.Keep(cluster.Escrow.Start(attempt, user, perHour, cost, openEnded, now));
            }
            else
            {
                Ask(cluster, [new(attempt, user, cost)]);
            }
        }

        void EndOf(Side cluster, EscrowHold hold, DateTimeOffset? by = null)
        {
            cluster.Keep(cluster.Escrow.End(hold.Attempt, by ?? now));
            used += Math.Max(hold.PerHour.Over((by ?? now) - hold.Since).CoreHours, hold.Used.CoreHours + hold.Beyond.CoreHours);
        }

        void Ask(Side cluster, EscrowDemand[] demands)
        {
            if (cluster.Escrow.Next(cluster.Id, demands, now, Settings, refresh: random.Next(20) == 0) is { } order)
            {
                cluster.Keep(cluster.Escrow.Send(order));
                Send(cluster);
            }
        }

        void Send(Side cluster)
        {
            if (cluster.Escrow.Sent is { } sent)
            {
                line.Add((cluster, sent));
            }
        }

        EscrowReply Deliver(Side from, EscrowOrder order)
        {
            Tell(new AccountInput.Exchange(order));
            var reply = AccountMachine.Answer(account, order, now);
            answers.Add((from, reply));
            return reply;
        }

        void Raise()
        {
            if (account.Terms.Budgets.IsEmpty)
            {
                return;
            }

            var budget = account.Terms.Budgets.Values.First();
            var raised = new AccountInput.Set(new() { Budgets = [budget with { Limit = budget.Limit + random.Next(-5, 20) }] }, "root");
            if (AccountRules.Change(account, raised.Change, now).Problems.IsEmpty)
            {
                Tell(raised);
            }
        }

        void Tell(AccountInput input)
        {
            foreach (var fact in AccountMachine.Decide(account, input, now))
            {
                account = AccountMachine.Apply(account, JsonSerializer.Deserialize<AccountFact>(JsonSerializer.Serialize(fact))!);
                AccountMachine.SanityCheck(account, now);
            }
        }
    }

    private sealed class Side(string id)
    {
        public ClusterId Id { get; } = new(id);

        public Escrow Escrow { get; private set; } = new();

        public void Keep(Escrow after) => Escrow = JsonSerializer.Deserialize<Escrow>(JsonSerializer.Serialize(after))!;
    }
}
