using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

/// <summary>EASY as it is told in a paragraph, and nothing else: what the scheduler is compared with.</summary>
internal sealed class TextbookEasy(IReadOnlyList<WorkloadJob> jobs, int processors, bool shortestFirst = false) : IReplayScheduler
{
    private readonly List<int> queue = [];
    private readonly List<(long EndsBy, int Job)> running = [];
    private int free = processors;

    public void Submit(int job, long now) => queue.Add(job);

    public void End(int job, long now)
    {
        running.RemoveAll(each => each.Job == job);
        free += jobs[job].Processors;
    }

    public long Plan(long now, List<ReplayStart> started)
    {
        while (queue.Count > 0 && jobs[queue[0]].Processors <= free)
        {
            Start(queue[0], now, started);
        }

        if (queue.Count > 0)
        {
            Backfill(now, started);
        }

        return long.MaxValue;
    }

    private void Backfill(long now, List<ReplayStart> started)
    {
        var head = jobs[queue[0]];
        var (shadow, then) = (0L, free);
        foreach (var ends in running.GroupBy(static each => each.EndsBy).OrderBy(static each => each.Key))
        {
            then += ends.Sum(each => jobs[each.Job].Processors);
            if (then >= head.Processors)
            {
                shadow = ends.Key;
                break;
            }
        }

        var extra = then - head.Processors;
        var rest = queue.Skip(1).ToList();
        foreach (var job in shortestFirst ? [.. rest.OrderBy(Estimate)] : rest)
        {
            if (jobs[job].Processors > free)
            {
                continue;
            }

            if (now + Estimate(job) > shadow)
            {
                if (jobs[job].Processors > extra)
                {
                    continue;
                }

                extra -= jobs[job].Processors;
            }

            Start(job, now, started);
        }
    }

    private void Start(int job, long now, List<ReplayStart> started)
    {
        queue.Remove(job);
        free -= jobs[job].Processors;
        running.Add((now + Estimate(job), job));
        started.Add(new ReplayStart(job, []));
    }

    private long Estimate(int job) => jobs[job].Limit.Ticks;
}
