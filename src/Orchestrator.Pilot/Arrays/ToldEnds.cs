using System.Collections.Immutable;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>Ends of tasks of one segment that the segment has not taken yet, by batch.</summary>
internal sealed class ToldEnds
{
    private readonly Dictionary<long, Batch> batches = [];

    /// <summary>The oldest of them, as the clock's time stamp; null: there is none.</summary>
    public long? Since { get; private set; }

    public void Completed(long serial, int task, TimeSpan duration, long now)
    {
        var batch = Of(serial, now);
        batch.Completed.Add(task);
        batch.TaskTime += duration;
    }

    public void Failed(long serial, TaskFault fault, TimeSpan duration, long now)
    {
        var batch = Of(serial, now);
        batch.Failed.Add(fault);
        batch.TaskTime += duration;
    }

    public void Returned(long serial, int task, long now) => Of(serial, now).Returned.Add(task);

    /// <summary>What was said and may not have been heard is to be said again.</summary>
    public void PutBack(ImmutableArray<TaskBatchEnd> ended, long now)
    {
        foreach (var end in ended)
        {
            var batch = Of(end.Serial, now);
            batch.Completed.AddRange(TaskRanges.Numbers(end.Completed));
            batch.Failed.AddRange(end.Failed);
            batch.Returned.AddRange(TaskRanges.Numbers(end.Returned));
            batch.TaskTime += end.TaskTime;
        }
    }

    /// <summary>All of them, to be said.</summary>
    public ImmutableArray<TaskBatchEnd> Take()
    {
        ImmutableArray<TaskBatchEnd> taken = [.. batches.Select(static pair => new TaskBatchEnd
        {
            Serial = pair.Key,
            Completed = TaskRanges.Of(pair.Value.Completed),
            Failed = [.. pair.Value.Failed],
            Returned = TaskRanges.Of(pair.Value.Returned),
            TaskTime = pair.Value.TaskTime,
        })];
        batches.Clear();
        Since = null;
        return taken;
    }

    private Batch Of(long serial, long now)
    {
        Since ??= now;
        if (!batches.TryGetValue(serial, out var batch))
        {
            batches.Add(serial, batch = new());
        }

        return batch;
    }

    private sealed class Batch
    {
        public List<int> Completed { get; } = [];

        public List<TaskFault> Failed { get; } = [];

        public List<int> Returned { get; } = [];

        public TimeSpan TaskTime { get; set; }
    }
}
