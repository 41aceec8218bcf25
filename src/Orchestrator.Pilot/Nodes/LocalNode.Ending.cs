namespace Orchestrator.Pilot.Nodes;

/// <summary>Time-outs, and the end of what was asked to end. Under the gate.</summary>
internal sealed partial class LocalNode
{
    private readonly PriorityQueue<RunningTask, long> deadlines = new();
    private readonly ITimer timer;
    private long armedFor = long.MaxValue;

    private void End(RunningTask task, TaskOutcome why)
    {
        var killAt = clock.GetTimestamp() + Ticks(options.KillAfter);
        if (task.Ask(why, killAt))
        {
            Arm(task, killAt);
        }
    }

    private void OnTimer()
    {
        lock (events.Gate)
        {
            armedFor = long.MaxValue;
            var now = clock.GetTimestamp();
            while (deadlines.TryPeek(out var task, out var due) && due <= now)
            {
                deadlines.Dequeue();
                if (!running.Contains(task))
                {
                    continue;
                }

                if (!task.WasAsked())
                {
                    End(task, TaskOutcome.TimedOut);
                }
                else if (now >= task.KillAt)
                {
                    task.Kill();
                }
            }

            ArmTimer();
        }
    }

    private void Arm(RunningTask task, long due)
    {
        // Deadlines of tasks that ended long before them.
        if (deadlines.Count > 64 + (3 * running.Count))
        {
            var kept = deadlines.UnorderedItems.Where(each => running.Contains(each.Element)).ToList();
            deadlines.Clear();
            deadlines.EnqueueRange(kept);
        }

        deadlines.Enqueue(task, due);
        ArmTimer();
    }

    private void ArmTimer()
    {
        if (deadlines.TryPeek(out _, out var due) && due < armedFor)
        {
            armedFor = due;
            var wait = clock.GetElapsedTime(clock.GetTimestamp(), due);

            // Whole milliseconds, upwards: a timer that comes too early would come again at once.
            timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
        }
    }
}
