using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Order;

public sealed class ScenarioDealTests
{
    private static readonly ScenarioId Set = new("o-co2");

    [Fact]
    public void Scenarios_divide_the_places_of_their_set_by_their_shares_and_keep_their_own_order()
    {
        var turns = View.Of([.. Enumerable.Range(1, 20).Select(static number => Request(number, number <= 10 ? "a" : "b"))]).With(Context(("a", 0.75, 0), ("b", 0.25, 0))).Turns();

        turns.Take(8).Count(static number => number <= 10).ShouldBe(6);
        turns.Where(static number => number <= 10).ShouldBeInOrder();
        turns.Where(static number => number > 10).ShouldBeInOrder();
    }

    [Fact]
    public void Nothing_changes_between_the_set_and_others()
    {
        PendingRequest[] pending = [.. Enumerable.Range(1, 30).Select(static number => Request(number, (number % 3) switch { 0 => null, 1 => "a", _ => "b" }))];
        var before = View.Of(pending).Turns();

        var after = View.Of(pending).With(Context(("a", 0.1, 0), ("b", 0.9, 0))).Turns();

        after.SequenceEqual(before).ShouldBeFalse();
        after.Select(static number => number % 3 == 0 ? number : 0).ShouldBe(before.Select(static number => number % 3 == 0 ? number : 0));
    }

    [Fact]
    public void Who_got_more_for_its_share_waits_until_the_others_have_as_much()
    {
        // Scenario a is ahead by three attempts of an hour on one core.
        var turns = View.Of([.. Enumerable.Range(1, 12).Select(static number => Request(number, number <= 6 ? "a" : "b"))]).With(Context(("a", 0.5, 3 * 7200), ("b", 0.5, 0))).Turns();

        turns.Take(5).ShouldBe([7, 8, 9, 1, 10]);
    }

    [Fact]
    public void A_priority_that_was_set_and_a_deadline_at_risk_keep_their_places_and_count()
    {
        PendingRequest[] pending =
        [
            Request(1, "a") with { PriorityOverride = 0.99 },
            Request(2, "a") with { Deadline = Make.Now + TimeSpan.FromHours(2) },
            .. Enumerable.Range(3, 8).Select(static number => Request(number, number <= 6 ? "a" : "b")),
        ];

        var ranked = View.Of(pending).With(Context(("a", 0.5, 0), ("b", 0.5, 0))).Ranked();

        ranked.Select(static one => (int)one.Request.SubmissionOrder).Take(6).ShouldBe([1, 2, 7, 8, 3, 9]);
        ranked.Take(2).Select(static one => one.Source).ShouldBe([PrioritySource.Override, PrioritySource.Computed]);
    }

    [Fact]
    public void Priorities_fall_from_turn_to_turn_and_the_share_is_told_as_what_decided()
    {
        PendingRequest[] pending = [.. Enumerable.Range(1, 12).Select(static number => Request(number, number % 2 == 0 ? "a" : "b") with { Promise = number % 2 == 0 ? 0.9 : 0.1, Priority = PriorityClass.Medium })];

        var ranked = View.Of(pending).With(Context(("a", 0.4, 0), ("b", 0.6, 0))).Ranked();

        ranked.Select(static one => one.Priority).ShouldBeInOrder(SortDirection.Descending);
        ranked.ShouldAllBe(static one => one.Source == PrioritySource.Share);
        ranked[0].Request.Share!.Scenario.ShouldBe("b");
        OrderExplanation.Between(ranked[0], ranked[1], new()).ShouldBe("scenario b has got less for its share of o-co2 than a");
    }

    [Fact]
    public void Without_shares_nothing_is_dealt()
    {
        var view = View.Of(Request(1, null), Request(2, null));

        view.Ranked().ShouldAllBe(static one => one.Source == PrioritySource.Computed);
        view.With(Context(("a", 1, 0))).Turns().ShouldBe([1, 2]);
    }

    private static PendingRequest Request(int number, string? scenario) => Make.Cores(number, 1) with
    {
        DurationEstimate = TimeSpan.FromHours(1),
        QueuedSince = Make.Now,
        Owner = new() { Institution = "i", Project = "p", User = "u" },
        Share = scenario is null ? null : new() { Set = Set, Scenario = scenario, Share = 0.5 },
    };

    /// <summary>With passes in core-seconds for the share.</summary>
    private static SchedulingContext Context(params (string Scenario, double Share, double Pass)[] scenarios) => new()
    {
        Scenarios = ImmutableSortedDictionary<string, ScenarioSetUse>.Empty.Add(
            Set.Value,
            new() { Scenarios = scenarios.ToImmutableSortedDictionary(static one => one.Scenario, static one => new ScenarioUse { Share = one.Share, Pass = one.Pass }) }),
    };
}
