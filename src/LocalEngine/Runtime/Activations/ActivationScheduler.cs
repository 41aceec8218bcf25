using System.Collections.Concurrent;
using Orleans.Runtime;

namespace Orleans.Activations;

/// <summary>Runs the turns of one activation, one at a time, on the thread pool. What follows an await comes back here.</summary>
internal sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem, IWorkItemScheduler
{
    private const int TurnsAtOnce = 64;

    private readonly ConcurrentQueue<Task> queue = new();
    private int isActive;
    private volatile bool isStopped;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Drops what waits and what comes: nothing of a killed silo goes on.</summary>
    public void Stop()
    {
        isStopped = true;
        queue.Clear();
    }

    public void QueueAction(Action action) => new Task(action).Start(this);

    public void QueueAction(Action<object> action, object state) => new Task(action!, state).Start(this);

    void IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    public void Execute()
    {
        RuntimeContext.Current = activation;
        try
        {
            for (var count = 0; count < TurnsAtOnce && queue.TryDequeue(out var task); count++)
            {
                TryExecuteTask(task);
            }
        }
        finally
        {
            RuntimeContext.Current = null;
            Volatile.Write(ref isActive, 0);
            Schedule();
        }
    }

    protected override void QueueTask(Task task)
    {
        if (!isStopped)
        {
            queue.Enqueue(task);
            Schedule();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, activation) && !isStopped && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => queue;

    private void Schedule()
    {
        if (!queue.IsEmpty && Interlocked.Exchange(ref isActive, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        }
    }
}
