using System.Text.Json;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Tests.Accounts;

public sealed class AccountMachineTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 50)];

    [Fact]
    public void A_use_counts_for_its_user_and_for_the_day_on_which_it_ended_in_UTC()
    {
        var state = Step(new(), new AccountInput.Used([
            Use(1, "s-a", 4, "ada", hours: 2),
            Use(2, "s-a", 9, "bob", hours: 3, at: new(2026, 3, 2, 1, 0, 0, TimeSpan.FromHours(2))),
        ]));

        state.Total.CoreTime.ShouldBe(TimeSpan.FromHours(5));
        state.ByUser["ada"].CoreTime.ShouldBe(TimeSpan.FromHours(2));
        state.Days.ShouldHaveSingleItem().Key.ShouldBe(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Nothing_counts_twice()
    {
        var state = Step(new(), new AccountInput.Used([Use(1, "s-a", 4), Use(2, "s-a", 9)]));

        AccountMachine.Decide(state, new AccountInput.Used([Use(1, "s-a", 4), Use(2, "s-a", 9)]), Noon).ShouldBeEmpty();
        state = Step(state, new AccountInput.RollUp([Use(1, "s-a", 4), Use(2, "s-a", 9)], 3));
        AccountMachine.Decide(state, new AccountInput.Used([Use(2, "s-a", 9)]), Noon).ShouldBeEmpty();
        state.Attempts.ShouldBe(2);
        state.Beyond.ShouldBeEmpty();
    }

    [Fact]
    public void A_roll_up_counts_what_no_nudge_told_of()
    {
        var state = Step(new(), new AccountInput.RollUp([Use(1, "s-a", 4), Use(7, "s-b", 2)], 6));

        state.Attempts.ShouldBe(2);
        state.CountedTo.ShouldBe(6);
        state.Beyond.Keys.ShouldBe(["s-b"]);
    }

    [Fact]
    public void An_account_that_is_not_charged_writes_no_entry_at_each_roll_up()
    {
        AccountMachine.Decide(new(), new AccountInput.RollUp([], 20), Noon).ShouldBeEmpty();
        AccountMachine.Decide(new(), new AccountInput.RollUp([], 20_000), Noon).ShouldHaveSingleItem().ShouldBeOfType<AccountFact.RolledUp>();
    }

    /// <summary>Nudges and roll-ups at random times, with repeats, over a log of several sources: in the end each use counts once (invariant 9).</summary>
    [Theory, MemberData(nameof(Seeds))]
    public void Random_histories_count_each_use_once(int seed)
    {
        var random = new Random(seed);
        List<AccountInput.Logged> log = [];
        var sequences = new Dictionary<string, long>();
        var state = new AccountState();
        for (var turn = 0; turn < 200; turn++)
        {
            switch (random.Next(4))
            {
                case 0:
                    var source = $"s-{random.Next(4)}";
                    var sequence = sequences.GetValueOrDefault(source) + random.Next(1, 10);
                    sequences[source] = sequence;
                    log.Add(Use((log.LastOrDefault()?.Position ?? 0) + random.Next(1, 5), source, sequence, $"user{random.Next(3)}", random.Next(1, 9), Noon + TimeSpan.FromHours(turn)));
                    break;
                case 1 or 2:
                    var nudger = $"s-{random.Next(4)}";
                    state = Step(state, new AccountInput.Used([.. log.Where(logged => logged.Occurrence.Source == nudger && logged.Position > state.CountedTo - random.Next(2))]));
                    break;
                default:
                    state = Step(state, new AccountInput.RollUp([.. log.Where(logged => logged.Position > state.CountedTo)], log.LastOrDefault()?.Position ?? 0));
                    break;
            }
        }

        state = Step(state, new AccountInput.RollUp([.. log], log.LastOrDefault()?.Position ?? 0));
        state.Attempts.ShouldBe(log.Count);
        state.Total.CoreTime.ShouldBe(log.Aggregate(TimeSpan.Zero, static (sum, logged) => sum + logged.Occurrence.Use!.CoreTime));
        state.Beyond.ShouldBeEmpty();
    }

    private static AccountState Step(AccountState state, AccountInput input)
    {
        // Facts are read back from a ledger, so they pass through JSON here as well.
        foreach (var fact in AccountMachine.Decide(state, input, Noon))
        {
            state = AccountMachine.Apply(state, JsonSerializer.Deserialize<AccountFact>(JsonSerializer.Serialize(fact))!);
        }

        AccountMachine.SanityCheck(state, Noon);
        return JsonSerializer.Deserialize<AccountState>(JsonSerializer.Serialize(state))!;
    }

    private static AccountInput.Logged Use(long position, string source, long sequence, string user = "ada", int hours = 1, DateTimeOffset? at = null) => new(position, new OrchestratorEvent
    {
        Source = source,
        Sequence = sequence,
        Kind = EventKinds.AttemptEnded,
        At = at ?? Noon,
        User = user,
        Use = new ResourceUse { CoreTime = TimeSpan.FromHours(hours), PeakMemory = hours },
    });
}
