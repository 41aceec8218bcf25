using System.Collections.Immutable;
using Orchestrator.Core.Rendering;

namespace Orchestrator.Core.Tests.Rendering;

public sealed class PreviewScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly PreviewPolicy HalfHourly = new() { Every = TimeSpan.FromMinutes(30), Levels = [10, 25, 50, 75], OverheadMax = 0.05 };

    [Fact]
    public void Ten_hours_at_a_fifth_have_ten_previews_ahead_half_an_hour_apart()
    {
        var plan = PreviewSchedule.Plan(new(), Facts(TimeSpan.FromHours(10), 0.2));

        plan.Outputs.Length.ShouldBe(10);
        plan.Outputs.Select(output => output.At).ShouldBe(Enumerable.Range(1, 10).Select(number => Now + (number * TimeSpan.FromMinutes(30))));
        plan.Outputs.Select(output => output.Level).ShouldBe([25, 25, 25, 25, 25, 50, 50, 50, 50, 50]);
    }

    [Theory]
    [InlineData(30), InlineData(60), InlineData(180), InlineData(600)]
    public void A_short_job_has_one_at_least_and_in_the_future(int minutes)
    {
        var plan = PreviewSchedule.Plan(HalfHourly with { Every = TimeSpan.FromMinutes(minutes) }, Facts(TimeSpan.FromHours(2), 0.3));

        plan.Outputs.ShouldNotBeEmpty();
        plan.Outputs.ShouldAllBe(output => output.At > Now && output.At < Now + TimeSpan.FromMinutes(84));
    }

    [Fact]
    public void A_job_that_is_over_before_the_first_one_makes_one_at_half_of_its_time_and_no_other()
    {
        var only = PreviewSchedule.Plan(HalfHourly, Facts(TimeSpan.FromMinutes(20), 0)).Outputs.ShouldHaveSingleItem();

        only.At.ShouldBe(Now + TimeSpan.FromMinutes(10));
        only.Level.ShouldBe(50);
        PreviewSchedule.Plan(HalfHourly, Facts(TimeSpan.FromMinutes(20), 0.5) with { Made = 1 }).Outputs.ShouldBeEmpty();
    }

    [Fact]
    public void What_does_not_fit_at_half_time_is_made_at_a_lower_level_or_not_at_all()
    {
        var facts = Facts(TimeSpan.FromMinutes(20), 0);

        PreviewSchedule.Plan(HalfHourly, facts with { Measured = Measured((50, 90)) }).Outputs.ShouldHaveSingleItem().Level.ShouldBe(25);
        PreviewSchedule.Plan(HalfHourly, facts with { Measured = Measured((10, 90)) }).Outputs.ShouldBeEmpty();
    }

    [Fact]
    public void Who_wants_none_or_can_make_none_has_none_and_they_cost_nothing()
    {
        foreach (var policy in new[] { null, HalfHourly with { Enabled = false } })
        {
            var plan = PreviewSchedule.Plan(policy, Facts(TimeSpan.FromHours(10), 0.2));

            plan.Outputs.ShouldBeEmpty();
            plan.Cost.ShouldBe(TimeSpan.Zero);
            plan.Overhead.ShouldBe(0);
        }

        PreviewSchedule.Plan(HalfHourly, Facts(TimeSpan.Zero, 0)).Outputs.ShouldBeEmpty();
        PreviewSchedule.Plan(HalfHourly, Facts(TimeSpan.FromHours(10), 1)).Outputs.ShouldBeEmpty();
    }

    [Fact]
    public void Previews_of_a_long_job_cost_more_than_those_of_a_short_one()
    {
        var longOne = PreviewSchedule.Plan(HalfHourly, Facts(TimeSpan.FromHours(10), 0));
        var shortOne = PreviewSchedule.Plan(HalfHourly, Facts(TimeSpan.FromHours(1), 0));

        longOne.Cost.ShouldBeGreaterThan(shortOne.Cost);
        shortOne.Cost.ShouldBeGreaterThan(TimeSpan.Zero);
        longOne.Overhead.ShouldBeInRange(1e-9, 0.05);
    }

    [Theory]
    [InlineData(0.0, 10), InlineData(0.2499, 10), InlineData(0.25, 25), InlineData(0.49, 25), InlineData(0.5, 50), InlineData(0.74, 50), InlineData(0.75, 75), InlineData(0.9, 75), InlineData(1.0, 75)]
    public void The_level_goes_by_the_progress(double progress, int level) => PreviewSchedule.LevelAt(HalfHourly.Levels, progress).ShouldBe(level);

    [Fact]
    public void The_lowest_level_of_the_list_is_the_first_one() => PreviewSchedule.LevelAt([29, 60], 0.1).ShouldBe(29);

    [Fact]
    public void A_share_that_is_not_quite_a_percent_in_binary_still_reaches_its_level() => PreviewSchedule.LevelAt([10, 29], 0.29).ShouldBe(29);

    [Fact]
    public void What_is_due_is_made_and_what_is_to_come_is_kept()
    {
        var facts = Facts(TimeSpan.FromHours(10), 0.1) with { Since = Now - TimeSpan.FromMinutes(45) };
        PlannedPreview[] planned = [At(-30, 10), At(-15, 10), At(15, 25)];

        var (due, ahead) = PreviewSchedule.TakeDue(HalfHourly, facts, planned, 0.15, Now);

        due.Length.ShouldBe(2);
        due[0].Level.ShouldBe(10);
        ahead.ShouldBe([planned[2]]);
    }

    [Fact]
    public void What_is_due_is_made_at_the_level_of_the_progress_that_there_is()
    {
        var facts = Facts(TimeSpan.FromHours(10), 0.8) with { Since = Now - TimeSpan.FromMinutes(75) };

        PreviewSchedule.TakeDue(HalfHourly, facts, [At(-45, 50)], 0.9, Now).Due.ShouldHaveSingleItem().Level.ShouldBe(75);
        PreviewSchedule.TakeDue(HalfHourly, facts, [At(-45, 50)], 0.2, Now).Due.ShouldHaveSingleItem().Level.ShouldBe(10);
        PreviewSchedule.TakeDue(HalfHourly, facts with { Measured = Measured((50, 100), (75, 1000)) }, [At(-45, 50)], 0.9, Now).Due.ShouldHaveSingleItem().Level.ShouldBe(50, "75 % cost more than its time allows");
    }

    [Theory]
    [InlineData(0), InlineData(20), InlineData(120), InlineData(1200)]
    public void The_overhead_never_exceeds_its_limit(int seconds)
    {
        var policy = new PreviewPolicy { Every = TimeSpan.FromMinutes(10), Levels = [10, 25, 50, 75, 90], OverheadMax = 0.03 };
        for (var percent = 0; percent < 100; percent += 5)
        {
            var plan = PreviewSchedule.Plan(policy, Facts(TimeSpan.FromHours(10), percent / 100.0) with { Measured = seconds == 0 ? Measured() : Measured((10, seconds / 4), (90, seconds)) });

            plan.Overhead.ShouldBeLessThanOrEqualTo(0.03 + 1e-9);
            plan.Outputs.Zip(plan.Outputs.Skip(1), static (one, next) => next.At - one.At).ShouldAllBe(wait => wait >= TimeSpan.FromMinutes(10));
        }
    }

    [Fact]
    public void Dear_previews_come_less_often()
    {
        var plan = PreviewSchedule.Plan(HalfHourly with { Levels = [10] }, Facts(TimeSpan.FromHours(10), 0) with { Measured = Measured((10, 180)) });

        plan.Outputs[0].At.ShouldBe(Now + TimeSpan.FromHours(1), "3 minutes are 5 % of an hour");
        plan.Overhead.ShouldBeInRange(0.04, 0.05 + 1e-9);
    }

    [Fact]
    public void A_limit_that_allows_next_to_nothing_comes_to_none() =>
        PreviewSchedule.Plan(HalfHourly with { OverheadMax = 1e-12 }, Facts(TimeSpan.FromDays(1000), 0)).Outputs.ShouldBeEmpty();

    [Fact]
    public void Higher_levels_take_more_time()
    {
        int[] levels = [1, 10, 25, 50, 75, 90, 100];

        levels.Select(PreviewCosts.Factor).ShouldBeInOrder(SortDirection.Ascending);
        levels.Select(PreviewCosts.Factor).ShouldBeUnique();
        (PreviewCosts.Factor(10), PreviewCosts.Factor(25), PreviewCosts.Factor(50), PreviewCosts.Factor(75)).ShouldBe((0.02, 0.03, 0.05, 0.08));
    }

    [Fact]
    public void What_was_measured_goes_before_what_is_believed()
    {
        Cost(Measured(), 50).ShouldBe(TimeSpan.FromSeconds(90), "5 % of half an hour");
        Cost(Measured((10, 20)), 10).ShouldBe(TimeSpan.FromSeconds(20));
        Cost(Measured((10, 20)), 50).TotalSeconds.ShouldBe(50, 1e-3);
        Cost(Measured((50, 50)), 10).TotalSeconds.ShouldBe(20, 1e-3);
        Cost(Measured((10, 20), (50, 110)), 25).TotalSeconds.ShouldBe(50, 1e-3);
        Cost(Measured((10, 60), (25, 30)), 25).ShouldBe(TimeSpan.FromSeconds(60), "it does not cost less than a lower one");
    }

    [Fact]
    public void Costs_are_learned_smoothly() => PreviewCosts.Learn(PreviewCosts.Learn(Measured(), 10, TimeSpan.FromSeconds(20)), 10, TimeSpan.FromSeconds(40))[10].ShouldBe(TimeSpan.FromSeconds(30));

    [Fact]
    public void The_latest_of_several_is_the_best_one()
    {
        var made = ImmutableArray<PreviewRecord>.Empty;
        foreach (var (level, minutes) in new[] { (10, 1), (50, 2), (25, 3) })
        {
            made = PreviewRegistry.Add(made, new() { Level = level, Quality = level / 100.0, Path = PreviewName.Of(level, minutes), MadeAt = Now + TimeSpan.FromMinutes(minutes) });
        }

        PreviewRegistry.BestFirst(made).Select(preview => preview.Level).ShouldBe([50, 25, 10]);
        PreviewRegistry.BestFirst(PreviewRegistry.Add(made, made[1] with { Path = "newer", MadeAt = Now + TimeSpan.FromHours(1) }))[0].Path.ShouldBe("newer");
    }

    [Fact]
    public void The_registry_keeps_the_newest_word_on_each_file_and_the_newest_of_each_level_longest()
    {
        var made = ImmutableArray<PreviewRecord>.Empty;
        made = PreviewRegistry.Add(made, new() { Level = 90, Path = "best" });
        made = PreviewRegistry.Add(made, new() { Level = 90, Path = "best", Quality = 0.9 });
        made.ShouldHaveSingleItem().Quality.ShouldBe(0.9);
        for (var number = 0; number < 3 * PreviewRegistry.Max; number++)
        {
            made = PreviewRegistry.Add(made, new() { Level = 10, Path = PreviewName.Of(10, number) });
        }

        made.Length.ShouldBe(PreviewRegistry.Max);
        made.ShouldContain(preview => preview.Path == "best");
        made[^1].Path.ShouldBe(PreviewName.Of(10, (3 * PreviewRegistry.Max) - 1));
    }

    [Theory]
    [InlineData("progressive_25pct_7", 25, 7)]
    [InlineData("runs/s-1/render/e1/run/progressive_25pct_7.png", 25, 7)]
    [InlineData("progressive_5pct_12/", 5, 12)]
    [InlineData("progressive_100pct_final.exr", 100, 0)]
    public void A_name_tells_level_and_order(string path, int level, long order)
    {
        PreviewName.TryParse(path, out var foundLevel, out var foundOrder).ShouldBeTrue();
        (foundLevel, foundOrder).ShouldBe((level, order));
    }

    [Theory]
    [InlineData("preview.png"), InlineData("progressive_0pct_1"), InlineData("progressive_101pct_1"), InlineData("my-progressive_25pct_1"), InlineData("progressive_25pct_1/frame.png"), InlineData("")]
    public void Any_other_name_is_no_preview(string path) => PreviewName.TryParse(path, out _, out _).ShouldBeFalse();

    [Fact]
    public void A_policy_that_makes_no_sense_is_told()
    {
        new PreviewPolicy().Problem().ShouldBeNull();
        HalfHourly.Problem().ShouldBeNull();
        (HalfHourly with { Every = TimeSpan.Zero }).Problem()!.ShouldStartWith("every:");
        (HalfHourly with { OverheadMax = 1 }).Problem()!.ShouldStartWith("overhead:");
        (HalfHourly with { OverheadMax = double.NaN }).Problem()!.ShouldStartWith("overhead:");
        foreach (ImmutableArray<int> levels in new ImmutableArray<int>[] { [], [0], [100], [25, 25], [50, 25], default, [.. Enumerable.Range(1, 21)] })
        {
            (HalfHourly with { Levels = levels }).Problem()!.ShouldStartWith("levels:");
        }
    }

    private static TimeSpan Cost(ImmutableSortedDictionary<int, TimeSpan> measured, int level) => PreviewCosts.Of(HalfHourly, TimeSpan.FromHours(10), measured, level);

    private static PlannedPreview At(int minutes, int level) => new() { At = Now + TimeSpan.FromMinutes(minutes), Level = level };

    private static PreviewFacts Facts(TimeSpan whole, double progress) => new() { Whole = whole, Progress = progress, Since = Now };

    private static ImmutableSortedDictionary<int, TimeSpan> Measured(params (int Level, double Seconds)[] costs) =>
        costs.ToImmutableSortedDictionary(static cost => cost.Level, static cost => TimeSpan.FromSeconds(cost.Seconds));
}
