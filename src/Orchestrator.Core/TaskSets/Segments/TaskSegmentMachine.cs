using System.Collections.Immutable;
using System.Diagnostics;

namespace Orchestrator.Core.TaskSets.Segments;

/// <summary>
/// The rules of one segment of a task set: who gets what, and what an end means. A lease is a batch under a serial, given to a worker under the epoch of its attempt; what names
/// another serial, or comes from an attempt that is over, changes nothing (invariant 2). What has completed is never given again.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term>epoch of the worker is over, or older than one that was heard of</term><description>over: nothing changes</description></item>
/// <item><term>sequence below the newest that was taken</term><description>a late repeat: nothing changes, nothing is given</description></item>
/// <item><term>the newest sequence that was taken</term><description>a repeat: the same batch, as far as it has not ended</description></item>
/// <item><term>a newer sequence, or a newer epoch, which ends those before it</term><description>ends are taken, room is filled; where neither changes anything the sequence stays free</description></item>
/// </list>
/// Order: higher priority first, equals by their number. The first one that finds too few cores is waited for, so that wide tasks do not starve; one that finds too few GPUs or too
/// little memory keeps what there is of them, and those behind it that need none of that pass it.
/// </remarks>
public static class TaskSegmentMachine
{
    /// <summary>Tasks of one batch.</summary>
    public const int BatchMax = 4096;

    /// <summary>So long a task that failed is kept for other workers, where there are any: what is wrong may be the node, and it would use up all retries there in no time.</summary>
    public static readonly TimeSpan RetriedElsewhereFor = TimeSpan.FromSeconds(30);

    /// <summary>The tasks become known; a repeat gives nothing.</summary>
    public static ImmutableArray<TaskSegmentFact> Open(TaskSegmentState state, ImmutableArray<TaskRow> rows) =>
        state.IsOpen || rows.IsDefaultOrEmpty ? [] : [new TaskSegmentFact.Opened { Rows = rows }];

    /// <summary>What had failed waits again, and what attempts had that are over; a repeat gives nothing.</summary>
    /// <param name="state">Of the segment.</param>
    /// <param name="over">For each worker, the newest epoch that is known to be over.</param>
    public static ImmutableArray<TaskSegmentFact> Retry(TaskSegmentState state, ImmutableSortedDictionary<int, int> over) =>
        [.. Fences(state, over), .. state.Failed.IsEmpty ? Array.Empty<TaskSegmentFact>() : [new TaskSegmentFact.Retried()]];

    /// <param name="state">Of the segment.</param>
    /// <param name="exchange">What a worker says.</param>
    /// <param name="over">For each worker, the newest epoch that is known to be over.</param>
    /// <param name="reply">The answer, once the facts are stored.</param>
    /// <param name="now">The time.</param>
    /// <param name="hasOthers">Other workers of the set run, whether or not this segment has heard of them.</param>
    public static ImmutableArray<TaskSegmentFact> Decide(
        TaskSegmentState state, TaskExchange exchange, ImmutableSortedDictionary<int, int> over, DateTimeOffset now, out TaskExchangeReply reply, bool hasOthers = false)
    {
        if (!state.IsOpen)
        {
            reply = new() { Outcome = TaskExchangeOutcome.Unopened };
            return [];
        }

        var facts = ImmutableArray.CreateBuilder<TaskSegmentFact>();
        foreach (var fence in Fences(state, over).ToList())
        {
            Add(fence);
        }

        var worker = state.Workers.GetValueOrDefault(exchange.Worker) ?? new();
        if (exchange.Epoch < worker.Epoch || exchange.Epoch <= Math.Max(worker.OverTo, over.GetValueOrDefault(exchange.Worker)))
        {
            reply = new() { Outcome = TaskExchangeOutcome.Over, Counts = state.Counts };
            return facts.ToImmutable();
        }

        if (exchange.Epoch > worker.Epoch && worker.Epoch > worker.OverTo)
        {
            Add(new TaskSegmentFact.Fenced { Worker = exchange.Worker, Epoch = exchange.Epoch - 1 });
        }
        else if (exchange.Epoch == worker.Epoch && exchange.Sequence <= worker.Sequence)
        {
            var given = exchange.Sequence == worker.Sequence ? state.Batches.GetValueOrDefault(worker.Serial) : null;
            reply = Reply(state, TaskExchangeOutcome.Repeated, given, isTaken: true);
            return facts.ToImmutable();
        }

        var exchanged = new TaskSegmentFact.Exchanged
        {
            Worker = exchange.Worker,
            Epoch = exchange.Epoch,
            Sequence = exchange.Sequence,
            Node = exchange.Node,
            Ended = exchange.Ended.IsDefaultOrEmpty ? [] : [.. exchange.Ended.DistinctBy(static end => end.Serial).Select(end => Counting(state, exchange, end)).OfType<TaskBatchEnd>()],
        };
        exchanged = exchanged with { Given = Give(Apply(state, exchanged, now), exchange, now, hasOthers, out var waitsForCores) };
        var isTaken = !exchanged.Ended.IsEmpty || !exchanged.Given.IsEmpty;
        if (isTaken)
        {
            Add(exchanged);
        }

        reply = Reply(state, TaskExchangeOutcome.Accepted, exchanged.Given.IsEmpty ? null : state.Batches[state.Serial], isTaken) with { WaitsForCores = waitsForCores };
        if (exchange.Closes && state.Counts.IsFinished)
        {
            // Whoever lets tasks wait again after this sees that this attempt will not come for them.
            Add(new TaskSegmentFact.Fenced { Worker = exchange.Worker, Epoch = exchange.Epoch });
        }

        return facts.ToImmutable();

        void Add(TaskSegmentFact fact)
        {
            facts.Add(fact);
            state = Apply(state, fact, now);
        }
    }

    public static TaskSegmentState Apply(TaskSegmentState state, TaskSegmentFact fact, DateTimeOffset at) => fact switch
    {
        TaskSegmentFact.Opened opened => state with
        {
            Rows = opened.Rows,
            Waiting = TaskRanges.Normal([.. opened.Rows.Select(static row => new TaskRange(row.First, row.Last))]),
        },
        TaskSegmentFact.Fenced fenced => Fence(state, fenced.Worker, fenced.Epoch),
        TaskSegmentFact.Exchanged exchanged => Exchange(state, exchanged, at),
        TaskSegmentFact.Retried => state with
        {
            Waiting = TaskRanges.Union(state.Waiting, TaskRanges.Of(state.Failed.Keys)),
            Failed = ImmutableSortedDictionary<int, TaskFailure>.Empty,
        },
        _ => throw new UnreachableException($"{fact.GetType()} is no fact of a segment."),
    };

    /// <summary>What does not hold though it must; empty: all is well.</summary>
    public static IReadOnlyList<string> SanityCheck(TaskSegmentState state)
    {
        var wrong = new List<string>();
        var all = TaskRanges.Normal([.. state.Rows.Select(static row => new TaskRange(row.First, row.Last))]);
        var seen = state.Waiting;
        foreach (var (name, tasks) in state.Batches.Values.Select(static batch => ($"batch {batch.Serial}", batch.Tasks)).Append(("what failed", TaskRanges.Of(state.Failed.Keys))))
        {
            if (!TaskRanges.Intersect(seen, tasks).IsEmpty)
            {
                wrong.Add($"{name} has tasks that stand elsewhere, too.");
            }

            seen = TaskRanges.Union(seen, tasks);
        }

        if (!TaskRanges.Except(seen, all).IsEmpty || TaskRanges.Count(seen) + state.Completed != TaskRanges.Count(all))
        {
            wrong.Add($"{TaskRanges.Count(seen)} tasks have not completed, {state.Completed} have, and there are {TaskRanges.Count(all)}.");
        }

        foreach (var (serial, batch) in state.Batches)
        {
            if (serial != batch.Serial || serial > state.Serial || batch.Tasks.IsEmpty || state.Workers.GetValueOrDefault(batch.Worker) is not { } worker || batch.Epoch <= worker.OverTo || batch.Epoch != worker.Epoch)
            {
                wrong.Add($"batch {serial} is empty, or nobody's.");
            }
        }

        return wrong;
    }

    /// <summary>What of an end counts: of a batch that this worker has, each task once. Null: nothing.</summary>
    private static TaskBatchEnd? Counting(TaskSegmentState state, TaskExchange exchange, TaskBatchEnd end)
    {
        if (!state.Batches.TryGetValue(end.Serial, out var batch) || batch.Worker != exchange.Worker || batch.Epoch != exchange.Epoch)
        {
            return null;
        }

        var completed = TaskRanges.Intersect(batch.Tasks, TaskRanges.Normal(end.Completed));
        var left = TaskRanges.Except(batch.Tasks, completed);
        ImmutableArray<TaskFault> failed = end.Failed.IsDefaultOrEmpty ? [] : [.. end.Failed.Where(fault => TaskRanges.Contains(left, fault.Task)).DistinctBy(static fault => fault.Task)];
        left = TaskRanges.Except(left, TaskRanges.Of(failed.Select(static fault => fault.Task)));
        var returned = TaskRanges.Intersect(left, TaskRanges.Normal(end.Returned));
        if (completed.IsEmpty && failed.IsEmpty && returned.IsEmpty)
        {
            return null;
        }

        // What is said a second time has its time in the sum, and counts no more: it is left out by its share, since the time of each is not said.
        var said = (long)TaskRanges.Count(TaskRanges.Normal(end.Completed)) + (end.Failed.IsDefaultOrEmpty ? 0 : end.Failed.DistinctBy(static fault => fault.Task).Count());
        var counting = TaskRanges.Count(completed) + failed.Length;
        var time = end.TaskTime > TimeSpan.Zero ? end.TaskTime : TimeSpan.Zero;
        return new() { Serial = end.Serial, Completed = completed, Failed = failed, Returned = returned, TaskTime = counting == said ? time : time * (counting / (double)said) };
    }

    /// <summary>The first ones in order that the room has place for.</summary>
    /// <param name="state">Of the segment.</param>
    /// <param name="exchange">Who asks, and for how much.</param>
    /// <param name="now">The time.</param>
    /// <param name="hasOthers">Other workers run.</param>
    /// <param name="waitsForCores">Cores are left, and too few for the next one.</param>
    private static ImmutableArray<TaskRange> Give(TaskSegmentState state, TaskExchange exchange, DateTimeOffset now, bool hasOthers, out bool waitsForCores)
    {
        var waiting = TaskRanges.Except(state.Waiting, ForOthers(state, exchange.Worker, now, hasOthers));
        var (cores, gpus, memory, left) = (exchange.Cores, exchange.FreeGpus ?? exchange.Gpus, exchange.FreeMemory ?? exchange.Memory, BatchMax);
        var given = ImmutableArray.CreateBuilder<TaskRange>();
        waitsForCores = false;
        foreach (var row in state.Rows.OrderByDescending(static row => row.Priority).ThenBy(static row => row.First))
        {
            if (cores <= 0 || left <= 0)
            {
                break;
            }

            if (row.Gpus > exchange.Gpus || row.Memory > exchange.Memory)
            {
                // Never here; another worker may have more.
                continue;
            }

            foreach (var range in TaskRanges.Intersect(waiting, [new(row.First, row.Last)]))
            {
                var count = (int)Math.Max(0, Math.Min(Math.Min(range.Count, left), Math.Min(
                    cores / Math.Max(1, row.Cores),
                    Math.Min(row.Gpus > 0 ? gpus / row.Gpus : int.MaxValue, row.Memory > 0 ? memory / row.Memory : long.MaxValue))));
                if (count > 0)
                {
                    given.Add(new(range.First, range.First + count - 1));
                    cores -= count * row.Cores;
                    gpus -= count * row.Gpus;
                    memory -= count * row.Memory;
                    left -= count;
                }

                if (count == range.Count)
                {
                    continue;
                }

                if (left == 0 || cores < row.Cores)
                {
                    // What is behind it waits with it.
                    waitsForCores = left > 0 && cores > 0;
                    return TaskRanges.Normal(given.ToImmutable());
                }

                // What it lacks is kept for it; who needs none of that passes.
                gpus = row.Gpus > gpus ? 0 : gpus;
                memory = row.Memory > memory ? 0 : memory;
                break;
            }
        }

        return TaskRanges.Normal(given.ToImmutable());
    }

    /// <summary>What failed with this worker a moment ago, while there are others. What a clock that was set back since dates into the future is no reason to wait: it would take as long as that.</summary>
    private static ImmutableArray<TaskRange> ForOthers(TaskSegmentState state, int worker, DateTimeOffset now, bool hasOthers) =>
        state.Retries.IsEmpty || !(hasOthers || state.Workers.Any(pair => pair.Key != worker && pair.Value.Epoch > pair.Value.OverTo))
            ? []
            : TaskRanges.Of(state.Retries.Where(pair => pair.Value.Worker == worker && pair.Value.At <= now && now - pair.Value.At < RetriedElsewhereFor).Select(static pair => pair.Key));

    /// <summary>What is known of attempts that are over, and new to the segment.</summary>
    private static IEnumerable<TaskSegmentFact> Fences(TaskSegmentState state, ImmutableSortedDictionary<int, int> over) => over
        .Where(pair => state.Workers.TryGetValue(pair.Key, out var known) && known.OverTo < pair.Value)
        .Select(static pair => new TaskSegmentFact.Fenced { Worker = pair.Key, Epoch = pair.Value });

    private static TaskSegmentState Fence(TaskSegmentState state, int number, int epoch)
    {
        var worker = state.Workers.GetValueOrDefault(number) ?? new();
        var lost = state.Batches.Values.Where(batch => batch.Worker == number && batch.Epoch <= epoch).ToList();
        return state with
        {
            Workers = state.Workers.SetItem(number, worker with { OverTo = Math.Max(worker.OverTo, epoch) }),
            Batches = state.Batches.RemoveRange(lost.Select(static batch => batch.Serial)),
            Waiting = lost.Aggregate(state.Waiting, static (waiting, batch) => TaskRanges.Union(waiting, batch.Tasks)),
        };
    }

    private static TaskSegmentState Exchange(TaskSegmentState state, TaskSegmentFact.Exchanged exchanged, DateTimeOffset at)
    {
        foreach (var end in exchanged.Ended)
        {
            state = End(state, exchanged, end, at);
        }

        var serial = exchanged.Given.IsEmpty ? 0 : state.Serial + 1;
        var worker = state.Workers.GetValueOrDefault(exchanged.Worker) ?? new();
        state = state with { Workers = state.Workers.SetItem(exchanged.Worker, worker with { Epoch = exchanged.Epoch, Sequence = exchanged.Sequence, Serial = serial }) };
        return serial == 0 ? state : state with
        {
            Serial = serial,
            Waiting = TaskRanges.Except(state.Waiting, exchanged.Given),
            Batches = state.Batches.Add(serial, new() { Serial = serial, Worker = exchanged.Worker, Epoch = exchanged.Epoch, Tasks = exchanged.Given, Node = exchanged.Node, At = at }),
        };
    }

    private static TaskSegmentState End(TaskSegmentState state, TaskSegmentFact.Exchanged by, TaskBatchEnd end, DateTimeOffset at)
    {
        var batch = state.Batches[end.Serial];
        var ended = TaskRanges.Union(TaskRanges.Union(end.Completed, end.Returned), TaskRanges.Of(end.Failed.Select(static fault => fault.Task)));
        var left = TaskRanges.Except(batch.Tasks, ended);
        var (failures, failed, again) = (state.Failures, state.Failed, new List<int>());
        failures = failures.RemoveRange(failures.Keys.Where(task => TaskRanges.Contains(end.Completed, task)).ToList());
        var retries = state.Retries.IsEmpty ? state.Retries : state.Retries.RemoveRange(state.Retries.Keys.Where(task => TaskRanges.Contains(end.Completed, task)).ToList());
        foreach (var fault in end.Failed)
        {
            var attempts = failures.GetValueOrDefault(fault.Task) + 1;
            if (attempts <= state.Rows.First(row => row.First <= fault.Task && fault.Task <= row.Last).RetriesMax)
            {
                failures = failures.SetItem(fault.Task, attempts);
                retries = retries.SetItem(fault.Task, new() { Worker = by.Worker, At = at });
                again.Add(fault.Task);
            }
            else
            {
                failures = failures.Remove(fault.Task);
                retries = retries.Remove(fault.Task);
                failed = failed.SetItem(fault.Task, new() { Kind = fault.Kind, Code = fault.Code, Attempts = attempts, Worker = by.Worker, Epoch = by.Epoch, Node = by.Node, At = at });
            }
        }

        return state with
        {
            Batches = left.IsEmpty ? state.Batches.Remove(end.Serial) : state.Batches.SetItem(end.Serial, batch with { Tasks = left }),
            Waiting = TaskRanges.Union(state.Waiting, TaskRanges.Union(end.Returned, TaskRanges.Of(again))),
            Failures = failures,
            Retries = retries,
            Failed = failed,
            Completed = state.Completed + TaskRanges.Count(end.Completed),
            TaskTime = state.TaskTime + end.TaskTime,
        };
    }

    private static TaskExchangeReply Reply(TaskSegmentState state, TaskExchangeOutcome outcome, TaskBatch? given, bool isTaken) => new()
    {
        Outcome = outcome,
        Given = given,
        Failures = given is null || state.Failures.IsEmpty
            ? ImmutableSortedDictionary<int, int>.Empty
            : state.Failures.Where(pair => TaskRanges.Contains(given.Tasks, pair.Key)).ToImmutableSortedDictionary(),
        Counts = state.Counts,
        IsTaken = isTaken,
    };
}
