using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.TaskSets;

namespace Orchestrator.Core.Tests.TaskSets;

/// <summary>Random campaigns, with failures, lost nodes and tasks added on the way, against what must hold in all of them.</summary>
public sealed class TaskSetProperties
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_task_has_its_end_whatever_fails_or_is_lost() => ForAll(static seed =>
    {
        var random = new Random(seed);
        var set = new TaskSet();
        var nodes = Enumerable.Range(0, random.Next(1, 4)).Select(_ => set.AddNode(new(random.Next(1, 9), random.Next(3), random.Next(100, 200)), random.Next(3))).ToList();
        var completions = new Dictionary<int, int>();
        var before = new Dictionary<int, List<int>>();
        var running = new List<TaskLease>();
        var now = Start;
        AddSome(set, random, before, random.Next(1, 40));
        for (var step = 0; step < 4000 && !(set.IsFinished && step > 50); step++)
        {
            now += TimeSpan.FromSeconds(random.Next(5));
            foreach (var node in nodes)
            {
                var given = new List<TaskLease>();
                set.Lease(node, random.Next(1, 5), now, given);
                foreach (var lease in given)
                {
                    set.PhaseOf(lease.Task).ShouldBe(TaskPhase.Leased);
                    before.GetValueOrDefault(lease.Task, []).ShouldAllBe(predecessor => set.PhaseOf(predecessor) == TaskPhase.Completed, "invariant 4");
                    completions.ShouldNotContainKey(lease.Task, "what has completed does not run again");
                }

                running.AddRange(given);
            }

            set.SanityCheck().ShouldBeEmpty($"seed {seed}, step {step}");
            switch (random.Next(20))
            {
                case 0 when step < 200:
                    AddSome(set, random, before, random.Next(1, 10));
                    break;
                case 1 when nodes.Count > 1:
                    set.LoseNode(nodes[0]);
                    nodes[0] = set.AddNode(new(9, 3, 200));
                    break;
                default:
                    if (running.Count > 0)
                    {
                        var at = random.Next(running.Count);
                        var (lease, success) = (running[at], random.Next(4) > 0);
                        var reply = set.End(lease, success, TimeSpan.FromSeconds(random.Next(1, 100)));
                        if (reply == TaskEndReply.Completed)
                        {
                            completions[lease.Task] = completions.GetValueOrDefault(lease.Task) + 1;
                        }

                        set.End(lease, success, TimeSpan.Zero).ShouldBe(TaskEndReply.Stale);
                        running.RemoveAt(at);
                    }

                    break;
            }
        }

        // Demands that no node is left for can wait for ever; all others end.
        for (var task = 0; task < set.Count; task++)
        {
            if (set.FitsSomewhere(set.ShapeOf(task).Demand) && !before.ContainsKey(task))
            {
                set.PhaseOf(task).ShouldBeOneOf(TaskPhase.Completed, TaskPhase.Failed, TaskPhase.Skipped);
            }
        }

        completions.Values.ShouldAllBe(static times => times == 1);
        completions.Count.ShouldBe(set.CountOf(TaskPhase.Completed));
    });

    [Fact]
    public void No_core_idles_while_a_task_waits_that_nothing_is_kept_from() => ForAll(static seed =>
    {
        var random = new Random(seed);
        var set = new TaskSet();
        var cores = random.Next(1, 9);
        var node = set.AddNode(new(cores));
        set.Add(new(), 200);
        set.Admit();
        var running = new List<TaskLease>();
        while (!set.IsFinished)
        {
            set.Lease(node, int.MaxValue, Start, running);
            running.Count.ShouldBe(Math.Min(cores, running.Count + set.CountOf(TaskPhase.Ready)));
            var free = new List<TaskLease>();
            set.Lease(node, int.MaxValue, Start, free).ShouldBe(0);
            set.End(running[0], true, TimeSpan.Zero);
            running.RemoveAt(0);
        }
    });

    [Fact]
    public void A_wide_task_starts_after_a_bounded_number_of_later_ones() => ForAll(static seed =>
    {
        var random = new Random(seed);
        var set = new TaskSet();
        var cores = random.Next(2, 17);
        var node = set.AddNode(new(cores));
        set.Add(new(), cores);
        var wide = set.Add(new() { Demand = new(random.Next(2, cores + 1)) });
        for (var number = 0; number < 200; number++)
        {
            set.Add(new() { Demand = new(random.Next(1, Math.Max(2, cores / 2))), Timeout = random.Next(2) == 0 ? TimeSpan.FromSeconds(random.Next(1, 100)) : null });
        }

        set.Admit();
        var running = new List<TaskLease>();
        var now = Start;
        var coresBefore = 0;
        while (set.PhaseOf(wide) == TaskPhase.Ready)
        {
            var given = new List<TaskLease>();
            set.Lease(node, int.MaxValue, now, given);
            coresBefore += given.Where(lease => lease.Task > wide && set.ShapeOf(lease.Task).Timeout is null).Sum(lease => set.ShapeOf(lease.Task).Demand.Cores);
            running.AddRange(given);
            running.ShouldNotBeEmpty();
            var at = random.Next(running.Count);
            set.End(running[at], true, TimeSpan.FromSeconds(1));
            running.RemoveAt(at);
            now = now.AddSeconds(1);
            set.SanityCheck().ShouldBeEmpty();
        }

        coresBefore.ShouldBeLessThanOrEqualTo((TaskSet.PatiencePerCore + 1) * cores, $"seed {seed}");
    });

    [Fact]
    public void Of_many_shapes_the_first_starts_that_may_end_in_time() => ForAll(static seed =>
    {
        var random = new Random(seed);
        var end = Start.AddSeconds(100);
        var set = new TaskSet { EndsAt = end };
        var cores = random.Next(1, 4);
        var node = set.AddNode(new(cores));
        for (var task = 0; task < 60; task++)
        {
            set.Add(new() { Priority = random.Next(2), RetriesMax = 1, Timeout = random.Next(4) == 0 ? null : TimeSpan.FromSeconds(random.Next(1, 120)) });
        }

        set.Admit();
        var (running, seen) = (new List<TaskLease>(), new Dictionary<TaskShape, List<double>>());
        for (var now = Start; now < end.AddSeconds(5); now = now.AddSeconds(random.Next(4)))
        {
            while (true)
            {
                var expected = running.Count < cores
                    ? Enumerable.Range(0, set.Count).Where(task => set.PhaseOf(task) == TaskPhase.Ready && EndsInTime(set.ShapeOf(task), now)).OrderByDescending(task => set.ShapeOf(task).Priority).FirstOrDefault(-1)
                    : -1;
                var given = new List<TaskLease>();
                set.Lease(node, 1, now, given);
                given.Select(static lease => lease.Task).FirstOrDefault(-1).ShouldBe(expected, $"seed {seed}");
                if (given.Count == 0)
                {
                    break;
                }

                running.AddRange(given);
            }

            set.SanityCheck().ShouldBeEmpty($"seed {seed}");
            if (running.Count > 0)
            {
                var (lease, took, success) = (running[0], random.Next(1, 20), random.Next(3) > 0);
                running.RemoveAt(0);
                set.End(lease, success, TimeSpan.FromSeconds(took));
                if (success)
                {
                    var shape = set.ShapeOf(lease.Task);
                    (seen.TryGetValue(shape, out var all) ? all : seen[shape] = []).Add(took);
                }
            }
        }

        bool EndsInTime(TaskShape shape, DateTimeOffset now)
        {
            var took = seen.GetValueOrDefault(shape, []);
            var longest = took.Count == 0 ? 0 : took.Max();
            var bound = shape.Timeout is { } limit ? (took.Count >= 3 ? Math.Min(1.5 * longest, limit.TotalSeconds) : limit.TotalSeconds) : longest;
            return now < end && now.AddSeconds(bound) <= end;
        }
    });

    private static void AddSome(TaskSet set, Random random, Dictionary<int, List<int>> before, int count)
    {
        for (var added = 0; added < count; added++)
        {
            var task = set.Add(new()
            {
                Demand = new(random.Next(1, 10), random.Next(4) == 0 ? random.Next(3) : 0, random.Next(3) == 0 ? random.Next(150) : 0),
                Priority = random.Next(3),
                RetriesMax = random.Next(3),
                Timeout = random.Next(3) == 0 ? TimeSpan.FromSeconds(random.Next(1, 50)) : null,
            });
            if (task > 0 && random.Next(3) == 0)
            {
                before[task] = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(task)).Distinct()];
                before[task].ForEach(predecessor => set.Connect(predecessor, task));
            }
        }

        set.Admit();
    }

    private static void ForAll(Action<int> holds) =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
}
