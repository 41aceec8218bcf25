using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Core.Tests.Checkpoints;

/// <summary>Which checkpoints stay (invariant 6).</summary>
public sealed class CheckpointRetentionTests
{
    private static readonly DateTimeOffset End = new(2026, 6, 30, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_a_year_the_newest_and_one_of_each_day_week_and_month_stay()
    {
        var year = Enumerable.Range(0, 365 * 24).Select(hour => Record(hour, End.AddHours(hour - (365 * 24) + 1))).ToArray();

        var kept = CheckpointRetention.Kept(year, 24, new() { Daily = 7, Weekly = 4, Monthly = 6 }, []);
        var records = year.Where(record => kept.Contains(record.Name)).ToArray();

        records.TakeLast(24).ShouldBe(year[^24..]);
        records.Select(record => record.TakenAt.UtcDateTime.Date).Distinct().Count(day => day > End.UtcDateTime.Date.AddDays(-7)).ShouldBe(7);
        records.Select(record => (record.TakenAt.Year, record.TakenAt.Month)).Distinct().Count().ShouldBe(6);
        // 24, six more days, and the weeks and months that no kept day ends.
        records.Length.ShouldBeInRange(24 + 5, 24 + 6 + 4 + 6);
        records.Length.ShouldBeLessThanOrEqualTo(41);
    }

    [Fact]
    public void What_retention_kept_yesterday_it_can_still_keep_today()
    {
        var policy = new RetentionPolicy { Daily = 7, Weekly = 4, Monthly = 6 };
        var catalogue = new List<CheckpointRecord>();
        for (var hour = 0; hour < 24 * 200; hour++)
        {
            catalogue.Add(Record(hour, End.AddHours(hour)));
            var kept = CheckpointRetention.Kept(catalogue, 3, policy, []);
            catalogue.RemoveAll(record => !kept.Contains(record.Name));
        }

        catalogue.Select(record => (record.TakenAt.Year, record.TakenAt.Month)).Distinct().Count().ShouldBe(6);
        catalogue.Select(record => record.TakenAt.UtcDateTime.Date).Distinct().Count().ShouldBeGreaterThanOrEqualTo(7);
    }

    [Fact]
    public void Every_so_manieth_stays_by_its_number()
    {
        var all = Enumerable.Range(1, 40).Select(number => Record(number, End.AddMinutes(number)) with { Number = number }).ToArray();

        var kept = CheckpointRetention.Kept(all, 2, new() { EveryNth = 10 }, []);

        kept.ShouldBe(["c10", "c20", "c30", "c39", "c40"], ignoreOrder: true);
    }

    [Fact]
    public void Pinned_ones_the_newest_proven_one_and_what_may_be_restored_stay_above_any_limit()
    {
        var all = Enumerable.Range(0, 10).Select(number => Record(number, End.AddHours(number))).ToArray();
        all[1] = all[1] with { Pinned = true };
        all[2] = all[2] with { Status = CheckpointStatus.Proven };
        all[3] = all[3] with { Status = CheckpointStatus.Proven };

        var kept = CheckpointRetention.Kept(all, 8, new() { BytesMax = 1 }, ["c5"]);

        kept.ShouldBe(["c1", "c3", "c5", "c8", "c9"], ignoreOrder: true);
    }

    [Fact]
    public void The_proven_one_that_is_furthest_on_stays_after_the_program_went_back_and_proved_others()
    {
        var all = Enumerable.Range(0, 10).Select(number => Record(number, End.AddHours(number)) with { Step = number * 10, Status = CheckpointStatus.Proven }).ToArray();
        all[2] = all[2] with { Step = 9000 };

        CheckpointRetention.Kept(all, 2, new(), []).ShouldBe(["c2", "c8", "c9"], ignoreOrder: true);
    }

    [Fact]
    public void Above_the_limit_the_oldest_go_first()
    {
        var all = Enumerable.Range(0, 10).Select(number => Record(number, End.AddHours(number)) with { Bytes = 100 }).ToArray();

        CheckpointRetention.Kept(all, 8, new() { BytesMax = 450 }, []).ShouldBe(["c6", "c7", "c8", "c9"], ignoreOrder: true);
    }

    [Fact]
    public void A_few_damaged_ones_stay_for_whoever_asks_and_count_for_nothing()
    {
        var all = Enumerable.Range(0, 10).Select(number => Record(number, End.AddHours(number)) with { Status = number < 6 ? CheckpointStatus.Damaged : CheckpointStatus.Intact }).ToArray();

        CheckpointRetention.Kept(all, 2, new(), []).ShouldBe(["c3", "c4", "c5", "c8", "c9"], ignoreOrder: true);
    }

    private static CheckpointRecord Record(int number, DateTimeOffset at) => new() { Name = $"c{number}", TakenAt = at, Bytes = 10, Number = number + 1, Status = CheckpointStatus.Intact };
}
