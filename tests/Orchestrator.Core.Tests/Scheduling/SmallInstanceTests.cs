using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Tests.Scheduling;

/// <summary>The default policy on instances small enough to search through: how much later than possible is the last of them done.</summary>
public sealed class SmallInstanceTests
{
    [Fact]
    public void The_default_policy_is_within_five_percent_of_the_best_that_can_be_found()
    {
        var (done, best) = (0.0, 0.0);
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            var nodes = random.Next(1, 5);
            var jobs = Enumerable.Range(1, random.Next(2, 7)).Select(number => (Nodes: random.Next(1, nodes + 1), Hours: random.Next(1, 11))).ToArray();

            var (one, other) = (Run(nodes, jobs), Best(nodes, jobs));
            one.ShouldBeGreaterThanOrEqualTo(other, $"seed {seed}");
            done += one;
            best += other;
        }

        (done / best).ShouldBeLessThanOrEqualTo(1.05);
    }

    [Fact]
    public void The_first_in_turn_is_never_later_for_it()
    {
        for (var seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            SchedulableNode[] nodes = [.. Enumerable.Range(1, random.Next(1, 5)).Select(number => Make.Node(number, cores: 1))];
            PendingRequest[] jobs = [.. Enumerable.Range(1, random.Next(2, 7)).Select(number => Make.Cores(number, 1, random.Next(1, nodes.Length + 1)) with { DurationEstimate = TimeSpan.FromHours(random.Next(1, 11)) })];
            var problem = Make.Problem(nodes, jobs);

            problem.Plan().Placements.ShouldContain(placement => placement.Attempt == Make.Attempt(1), $"seed {seed}");
        }
    }

    /// <summary>Plans and runs until all are done.</summary>
    private static double Run(int nodes, (int Nodes, int Hours)[] jobs)
    {
        var workspace = new SchedulingWorkspace(new(), SchedulerParts.Default);
        for (var node = 1; node <= nodes; node++)
        {
            workspace.SetNode(Make.Node(node, cores: 1));
        }

        var pending = jobs.Select((job, at) => Make.Cores(at + 1, 1, job.Nodes) with { DurationEstimate = TimeSpan.FromHours(job.Hours), QueuedSince = Make.Now }).ToDictionary(request => request.Attempt);
        pending.Values.ToList().ForEach(workspace.Enqueue);
        var ends = new SortedSet<(DateTimeOffset End, string Text, AttemptId Attempt)>(Comparer<(DateTimeOffset End, string Text, AttemptId Attempt)>.Create((left, right) => (left.End, left.Text).CompareTo((right.End, right.Text))));
        var now = Make.Now;
        while (true)
        {
            foreach (var placement in workspace.Plan(now).Placements)
            {
                pending.Remove(placement.Attempt, out var request);
                var end = now + request!.DurationEstimate!.Value;
                workspace.SetRunning(new() { Attempt = request.Attempt, Resources = request.Resources, Shares = placement.Shares, StartedAt = now, EndsBy = end });
                ends.Add((end, request.Attempt.ToString(), request.Attempt));
            }

            if (ends.Count == 0)
            {
                pending.ShouldBeEmpty();
                return (now - Make.Now).TotalHours;
            }

            now = ends.Min.End;
            while (ends.Count > 0 && ends.Min.End == now)
            {
                workspace.End(ends.Min.Attempt);
                ends.Remove(ends.Min);
            }
        }
    }

    /// <summary>Every order, each job as early as it fits behind those before it: one of these schedules is the best.</summary>
    private static double Best(int nodes, (int Nodes, int Hours)[] jobs)
    {
        var best = int.MaxValue;
        Search(new int[jobs.Sum(job => job.Hours)], 0, 0);
        return best;

        void Search(int[] used, int placed, int end)
        {
            if (end >= best)
            {
                return;
            }

            if (placed == (1 << jobs.Length) - 1)
            {
                best = end;
                return;
            }

            for (var at = 0; at < jobs.Length; at++)
            {
                if ((placed & 1 << at) == 0)
                {
                    var (wanted, hours) = jobs[at];
                    var start = Enumerable.Range(0, used.Length).First(from => used.Skip(from).Take(hours).All(taken => taken + wanted <= nodes));
                    var with = (int[])used.Clone();
                    for (var hour = start; hour < start + hours; hour++)
                    {
                        with[hour] += wanted;
                    }

                    Search(with, placed | 1 << at, Math.Max(end, start + hours));
                }
            }
        }
    }
}
