using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Reallocation;
using static Orchestrator.Core.Tests.Scenarios.Judge;

namespace Orchestrator.Core.Tests.Scenarios;

public sealed class ReallocationTests
{
    public static TheoryData<ReallocationStrategy> Strategies => [.. Enum.GetValues<ReallocationStrategy>().Skip(1)];

    [Fact]
    public void It_is_balanced_every_four_hours_by_default_and_what_is_set_stays()
    {
        var settings = new ReallocationSettings();

        (settings.Strategy, settings.Interval, settings.MinimumChange, settings.MaximumShift).ShouldBe((ReallocationStrategy.Balanced, TimeSpan.FromHours(4), 0.05, 0.2));
        (settings with { MaximumShift = 0.5 }).MaximumShift.ShouldBe(0.5);
    }

    [Fact]
    public void Shares_of_what_there_is()
    {
        var shares = new Dictionary<string, double> { ["a"] = 0.7, ["b"] = 0.3 };
        var totals = new Dictionary<string, double> { ["cores"] = 100, ["memory"] = 500 };

        (Shares.Of(shares, totals, "a", "cores"), Shares.Of(shares, totals, "b", "cores"), Shares.Of(shares, totals, "a", "memory"), Shares.Of(shares, totals, "b", "memory")).ShouldBe((70, 30, 350, 150));
        (Shares.Of(shares, totals, "c", "cores"), Shares.Of(shares, totals, "a", "qubits")).ShouldBe((0, 0));
        Shares.AreValid(shares).ShouldBeTrue();
        Shares.AreValid(new Dictionary<string, double> { ["a"] = 0.5, ["b"] = 0.3 }).ShouldBeTrue();
        Shares.AreValid(new Dictionary<string, double> { ["a"] = 0.8, ["b"] = 0.3 }).ShouldBeFalse();
        Shares.AreValid(new Dictionary<string, double> { ["a"] = double.NaN }).ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Strategies))]
    public void The_total_stays_the_first_never_loses_and_the_last_never_gains(ReallocationStrategy strategy)
    {
        foreach (var seed in Enumerable.Range(1, 300))
        {
            var random = new Random(seed);
            var holders = Enumerable.Range(0, random.Next(2, 12)).Select(i => Holder($"s{i}", random.Next(11) / 10.0, ("cores", random.Next(1, 200)), ("qubits", random.Next(20))) with
            {
                IsPaused = random.Next(6) == 0,
                HasEnded = random.Next(8) == 0,
                IsProtected = random.Next(6) == 0,
                Confidence = random.Next(6) == 0 ? 0 : random.NextDouble(),
            }).ToArray();

            var plan = Reallocator.Reallocate(holders, new() { Strategy = strategy, FloorShare = random.NextDouble() / 2 }, Noon);

            foreach (var type in new[] { "cores", "qubits" })
            {
                plan.Resources.Values.Sum(held => held[type]).ShouldBe(holders.Sum(held => held.Resources[type]), 1e-9, $"{type} with seed {seed}");
            }

            plan.Resources.Values.SelectMany(static held => held.Values).ShouldAllBe(static amount => amount >= 0);
            foreach (var holder in holders.Where(static holder => holder.IsProtected))
            {
                plan.Resources[holder.Scenario].ShouldBe(holder.Resources);
            }

            var open = holders.Where(static holder => !holder.IsPaused && !holder.HasEnded && !holder.IsProtected && holder.Confidence > 0).OrderBy(static holder => holder.Priority).ToList();
            if (open.Count >= 2 && open[0].Priority < open[^1].Priority && holders.All(static holder => holder is { IsPaused: false, HasEnded: false }))
            {
                plan.Resources[open[^1].Scenario]["cores"].ShouldBeGreaterThanOrEqualTo(open[^1].Resources["cores"] - 1e-9, $"seed {seed}");
                plan.Resources[open[0].Scenario]["cores"].ShouldBeLessThanOrEqualTo(open[0].Resources["cores"] + 1e-9, $"seed {seed}");
            }
        }
    }

    [Theory, MemberData(nameof(Strategies))]
    public void A_higher_priority_never_gets_less(ReallocationStrategy strategy)
    {
        foreach (var seed in Enumerable.Range(1, 200))
        {
            var random = new Random(seed);
            var holders = Enumerable.Range(0, random.Next(2, 9)).Select(i => Holder($"s{i}", random.Next(9) / 10.0, ("cores", random.Next(1, 200))) with
            {
                IsPaused = random.Next(8) == 0, HasEnded = random.Next(10) == 0, IsProtected = random.Next(8) == 0, Confidence = 0.1 + (0.9 * random.NextDouble()),
            }).ToArray();
            var one = random.Next(holders.Length);
            var settings = new ReallocationSettings { Strategy = strategy, FloorShare = random.NextDouble() / 2, MaximumShift = 0.1 + (0.4 * random.NextDouble()) };
            double Held(double more) => Reallocator.Reallocate([.. holders.Select((holder, i) => i == one ? holder with { Priority = holder.Priority + more } : holder)], settings, Noon).Resources[$"s{one}"]["cores"];

            Held(0.2).ShouldBeGreaterThanOrEqualTo(Held(0) - 1e-9, $"s{one} with seed {seed}: {string.Join("; ", holders.AsEnumerable())}");
        }
    }

    [Theory, MemberData(nameof(Strategies))]
    public void The_best_gains_and_the_worst_loses_with_history_and_alone_nothing_moves(ReallocationStrategy strategy)
    {
        var plan = Reallocator.Reallocate([Holder("a", 0.9, ("cores", 100)), Holder("b", 0.6, ("cores", 100)), Holder("c", 0.2, ("cores", 100))], new() { Strategy = strategy }, Noon);

        plan.Resources["a"]["cores"].ShouldBeGreaterThan(100);
        plan.Resources["c"]["cores"].ShouldBeLessThan(100);
        plan.Changes.ShouldContain(static change => change.Scenario == "a" && change.Before == 100 && change.After > 100 && change.Reason.Length > 0);
        plan.Explanation.ShouldContain("c give to a");
        Reallocator.Reallocate([Holder("a", 0.9, ("cores", 100))], new() { Strategy = strategy }, Noon).Changes.ShouldBeEmpty();
        Reallocator.Reallocate([], new() { Strategy = strategy }, Noon).Changes.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Strategies))]
    public void Members_of_one_ensemble_go_the_same_way(ReallocationStrategy strategy)
    {
        foreach (var seed in Enumerable.Range(1, 200))
        {
            var random = new Random(seed);
            var holders = Enumerable.Range(0, random.Next(3, 12)).Select(i => Holder($"s{i}", random.Next(11) / 10.0, ("cores", random.Next(1, 200))) with
            {
                Ensemble = random.Next(2) == 0 ? "" : $"e{random.Next(2)}", Confidence = 0.1 + (0.9 * random.NextDouble()),
            }).ToArray();

            var plan = Reallocator.Reallocate(holders, new() { Strategy = strategy, FloorShare = 0 }, Noon);

            foreach (var ensemble in holders.Where(static holder => holder.Ensemble.Length > 0).GroupBy(static holder => holder.Ensemble))
            {
                var moved = ensemble.Select(holder => plan.Resources[holder.Scenario]["cores"] - holder.Resources["cores"]).ToArray();
                (moved.Max() > 1e-6 && moved.Min() < -1e-6).ShouldBeFalse($"{ensemble.Key} with seed {seed}: {string.Join(", ", moved)}");
            }
        }
    }

    [Theory]
    [InlineData(ReallocationStrategy.Balanced), InlineData(ReallocationStrategy.Gradual), InlineData(ReallocationStrategy.Aggressive), InlineData(ReallocationStrategy.Stepwise)]
    public void Equals_are_treated_alike_and_one_better_or_worse_than_all_of_them_still_moves(ReallocationStrategy strategy)
    {
        double[] Moved(params double[] priorities)
        {
            var plan = Reallocator.Reallocate([.. priorities.Select((priority, i) => Holder($"s{i}", priority, ("cores", 100)))], new() { Strategy = strategy }, Noon);
            return [.. priorities.Select((_, i) => Math.Round(plan.Resources[$"s{i}"]["cores"] - 100, 6))];
        }

        var better = Moved(0.9, 0.5, 0.5, 0.5);
        var worse = Moved(0.5, 0.5, 0.5, 0.1);
        var middle = Moved(0.9, 0.5, 0.5, 0.1);

        better[0].ShouldBeGreaterThan(0);
        better[1..].ShouldAllBe(moved => moved < 0 && moved == better[1]);
        worse[3].ShouldBeLessThan(0);
        worse[..3].ShouldAllBe(moved => moved > 0 && moved == worse[0]);
        middle[1..3].ShouldBe([0, 0]);
    }

    [Fact]
    public void In_proportion_three_change_and_the_total_stays()
    {
        var plan = Reallocator.Reallocate(
            [Holder("a", 0.9, ("cores", 100)), Holder("b", 0.6, ("cores", 100)), Holder("c", 0.2, ("cores", 100))],
            new() { Strategy = ReallocationStrategy.Proportional, MaximumShift = 0.1 }, Noon);

        plan.Changes.Length.ShouldBe(3);
        plan.Resources["c"]["cores"].ShouldBe(90, 1e-9);
        plan.Resources.Values.Sum(static held => held["cores"]).ShouldBe(300, 1e-9);
    }

    [Fact]
    public void By_thresholds_only_the_high_gains_and_the_low_loses() =>
        Reallocator.Reallocate([Holder("a", 0.8, ("cores", 100)), Holder("b", 0.5, ("cores", 100)), Holder("c", 0.2, ("cores", 100))], new() { Strategy = ReallocationStrategy.Threshold }, Noon)
            .Changes.Select(static change => (change.Scenario, change.After)).ShouldBe([("a", 120), ("c", 80)]);

    [Theory, MemberData(nameof(Strategies))]
    public void Who_holds_nothing_receives_a_first_allocation_and_the_paused_gives(ReallocationStrategy strategy)
    {
        var started = Reallocator.Reallocate([Holder("a", 0.6, ("qubits", 100)), Holder("b", 0.5, ("qubits", 100)), Holder("new", 0.2)], new() { Strategy = strategy }, Noon);
        started.Resources["new"]["qubits"].ShouldBeGreaterThan(0);

        var paused = Reallocator.Reallocate([Holder("a", 0.5, ("qubits", 100)), Holder("b", 0.9, ("qubits", 100)) with { IsPaused = true }], new() { Strategy = strategy }, Noon);
        paused.Resources["b"]["qubits"].ShouldBe(70, 1e-9);
        paused.Resources["a"]["qubits"].ShouldBe(130, 1e-9);
    }

    [Fact]
    public void Nobody_goes_below_the_floor_and_who_is_unknown_is_left_alone()
    {
        ImmutableArray<ShareHolder> holders = [Holder("a", 0.9, ("share", 0.5)), Holder("b", 0.1, ("share", 0.3)), Holder("unknown", 0.5, ("share", 0.2)) with { Confidence = 0 }];
        for (var i = 0; i < 50; i++)
        {
            var plan = Reallocator.Reallocate(holders, new() { FloorShare = 0.3 }, Noon);
            holders = [.. holders.Select(holder => holder with { Resources = plan.Resources[holder.Scenario] })];
        }

        holders[1].Resources["share"].ShouldBe(0.1, 1e-6);
        holders[2].Resources["share"].ShouldBe(0.2);
    }

    [Fact]
    public void Bad_input_is_refused_with_all_of_it()
    {
        var error = Should.Throw<ArgumentException>(() => Reallocator.Reallocate([Holder("a", double.NaN, ("cores", -1)), Holder("a", 0.1)], new() { MaximumShift = 2, Strategy = 0 }, Noon));

        foreach (var word in new[] { "strategy:", "maximumShift:", "twice", "priority:", "resources.cores:" })
        {
            error.Message.ShouldContain(word);
        }
    }

    [Fact]
    public void The_best_third_of_a_rung_goes_on_and_who_waits_may_later()
    {
        var ladder = new RungLadder(2);
        ladder.Reach(0, 1, 0.5);
        ladder.Reach(0, 2, double.NaN);
        ladder.TryPromote(out _).ShouldBeFalse();
        ladder.Reach(0, 3, 0.7);

        ladder.TryPromote(out var first).ShouldBeTrue();
        first.ShouldBe(1);
        ladder.TryPromote(out _).ShouldBeFalse();
        foreach (var id in Enumerable.Range(4, 3))
        {
            ladder.Reach(0, id, 0.9);
        }

        ladder.TryPromote(out var later).ShouldBeTrue();
        later.ShouldBe(3);
        ladder.Reach(1, 3, 0.6);
        ladder.TryFill(out var next).ShouldBeTrue();
        next.ShouldBe(3);
    }

    private static ShareHolder Holder(string scenario, double priority, params (string Type, double Amount)[] resources) => new()
    {
        Scenario = scenario,
        Priority = priority,
        Resources = resources.ToImmutableSortedDictionary(static one => one.Type, static one => one.Amount),
    };
}
