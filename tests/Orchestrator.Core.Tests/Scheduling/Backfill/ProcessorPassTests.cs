using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Timelines;

namespace Orchestrator.Core.Tests.Scheduling.Backfill;

/// <summary>The kinds of backfill on equal processors, against what the words say, counted anew.</summary>
public sealed class ProcessorPassTests
{
    private const long Now = 1000;

    [Fact]
    public void Without_backfill_the_first_that_waits_keeps_back_all_behind_it() =>
        Run(BackfillKind.None, 4, [(10, 2)], [(1, 1), (3, 5), (1, 1)]).ShouldBe(["start", "wait", "behind"]);

    [Fact]
    public void With_EASY_a_later_one_starts_if_it_ends_by_the_shadow_time() =>
        Run(BackfillKind.Easy, 4, [(10, 3)], [(4, 5), (1, 11), (1, 10)]).ShouldBe(["+10", "wait", "start"]);

    [Fact]
    public void With_EASY_a_later_one_starts_on_what_the_head_leaves_over_and_only_on_that() =>
        Run(BackfillKind.Easy, 6, [(10, 3)], [(4, 5), (1, 99), (1, 99), (1, 99)]).ShouldBe(["+10", "start", "start", "wait"]);

    [Fact]
    public void With_the_shortest_first_the_rest_goes_by_estimate_and_equal_ones_in_turn() =>
        Run(BackfillKind.EasyShortestFirst, 4, [(10, 2)], [(4, 5), (2, 9), (1, 8), (1, 8)]).ShouldBe(["+10", "wait", "start", "start"]);

    [Fact]
    public void With_depth_so_many_keep_a_place_and_conservative_keeps_one_for_all()
    {
        Run(new BackfillSettings { Kind = BackfillKind.Depth, Reservations = 2 }, 4, [(10, 4)], [(4, 5), (4, 5), (4, 5)]).ShouldBe(["+10", "+15", "wait"]);
        Run(BackfillKind.Conservative, 4, [(10, 4)], [(4, 5), (4, 5), (4, 5)]).ShouldBe(["+10", "+15", "+20"]);
    }

    [Fact]
    public void Limits_of_depth_and_window_bound_what_is_looked_at_and_kept()
    {
        Run(new BackfillSettings { Kind = BackfillKind.Conservative, Depth = 2 }, 4, [(10, 4)], [(4, 5), (4, 5), (4, 5)]).ShouldBe(["+10", "+15", "far"]);
        Run(new BackfillSettings { Kind = BackfillKind.Conservative, Window = TimeSpan.FromTicks(12) }, 4, [(10, 4)], [(4, 5), (4, 5)]).ShouldBe(["+10", "wait"]);
    }

    [Fact]
    public void What_should_have_ended_is_taken_to_end_any_moment() =>
        Run(BackfillKind.Easy, 2, [(-5, 2)], [(2, 5), (1, 1)]).ShouldBe(["+1", "wait"]);

    [Fact]
    public void What_has_no_known_end_lets_nobody_keep_a_place_and_what_never_fits_keeps_nobody_back() =>
        Run(BackfillKind.Easy, 4, [(long.MaxValue, 2)], [(5, 1), (3, 1), (2, long.MaxValue)]).ShouldBe(["never", "wait", "start"]);

    [Theory]
    [InlineData(BackfillKind.Easy)]
    [InlineData(BackfillKind.EasyShortestFirst)]
    public void EASY_starts_what_the_textbook_starts(BackfillKind kind)
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var processors = random.Next(1, 17);
            var running = new List<(long End, int Processors)>();
            for (var idle = processors; idle > 0 && random.Next(5) > 0;)
            {
                var taken = random.Next(1, idle + 1);
                running.Add((random.Next(-3, 12), taken));
                idle -= taken;
            }

            var queue = Enumerable.Range(0, random.Next(1, 12)).Select(_ => (random.Next(1, processors + 1), (long)random.Next(1, 12))).ToArray();

            Starts(Run(kind, processors, [.. running], queue)).ShouldBe(Textbook(kind, processors, running, queue), $"seed {seed}");
        }
    }

    [Fact]
    public void Conservative_places_never_take_more_processors_than_there_are()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var processors = random.Next(1, 9);
            var queue = Enumerable.Range(0, 12).Select(_ => (Processors: random.Next(1, processors + 1), Estimate: (long)random.Next(1, 9))).ToArray();

            var decided = Run(BackfillKind.Conservative, processors, [], queue);

            var spans = decided.Select((word, at) => (From: word == "start" ? 0 : long.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture), queue[at].Estimate, queue[at].Processors)).ToArray();
            spans.ShouldAllBe(one => spans.Where(other => other.From <= one.From && one.From < other.From + other.Estimate).Sum(other => other.Processors) <= processors);
        }
    }

    [Fact]
    public void What_was_added_is_removed_and_what_was_not_is_an_error()
    {
        var pool = new ProcessorPool(4);
        pool.Add(10, 1);
        pool.Add(10, 2);

        pool.Remove(10, 2);

        pool.Idle.ShouldBe(3);
        Should.Throw<ArgumentException>(() => pool.Remove(10, 2));
        Should.Throw<ArgumentException>(() => pool.Remove(11, 1));
    }

    private static string[] Run(BackfillKind kind, int processors, (long End, int Processors)[] running, (int Processors, long Estimate)[] queue) =>
        Run(new BackfillSettings { Kind = kind }, processors, running, queue);

    private static string[] Run(BackfillSettings settings, int processors, (long End, int Processors)[] running, (int Processors, long Estimate)[] queue)
    {
        var pool = new ProcessorPool(processors);
        foreach (var (end, held) in running)
        {
            pool.Add(end == long.MaxValue ? end : Now + end, held);
        }

        pool.Open(Now);
        var results = new PassResult[queue.Length];
        ProcessorRequest[] items = [.. queue.Select(item => new ProcessorRequest(item.Processors, item.Estimate))];
        BackfillPass.Run<ProcessorPool, ProcessorRequest>(pool, items, [], settings, Now, results);
        return [.. results.Select(result => result.Verdict switch
        {
            PassVerdict.Started => "start",
            PassVerdict.Kept => $"+{result.Start - Now}",
            PassVerdict.NeverFits => "never",
            PassVerdict.Behind => "behind",
            PassVerdict.NotReached => "far",
            _ => "wait",
        })];
    }

    private static int[] Starts(string[] decided) => [.. Enumerable.Range(0, decided.Length).Where(at => decided[at] == "start")];

    private static int[] Textbook(BackfillKind kind, int processors, List<(long End, int Processors)> running, (int Processors, long Estimate)[] queue)
    {
        var started = new List<int>();
        var live = running.Select(job => (End: Math.Max(job.End, 1), job.Processors)).ToList();
        var idle = processors - live.Sum(job => job.Processors);
        var head = 0;
        for (; head < queue.Length && queue[head].Processors <= idle; head++)
        {
            started.Add(head);
            live.Add((queue[head].Estimate, queue[head].Processors));
            idle -= queue[head].Processors;
        }

        if (head == queue.Length)
        {
            return [.. started];
        }

        var shadow = live.Select(job => job.End).Order().First(end => idle + live.Where(job => job.End <= end).Sum(job => job.Processors) >= queue[head].Processors);
        var extra = idle + live.Where(job => job.End <= shadow).Sum(job => job.Processors) - queue[head].Processors;
        var rest = Enumerable.Range(head + 1, queue.Length - head - 1);
        foreach (var at in kind == BackfillKind.Easy ? rest : rest.OrderBy(at => queue[at].Estimate))
        {
            var (wanted, estimate) = queue[at];
            if (wanted <= idle && (estimate <= shadow || wanted <= extra))
            {
                started.Add(at);
                idle -= wanted;
                extra -= estimate <= shadow ? 0 : wanted;
            }
        }

        return [.. started.Order()];
    }
}
