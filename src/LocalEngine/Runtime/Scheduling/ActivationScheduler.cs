using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>Runs the turns of one activation, one at a time, continuations too. A killed activation runs nothing more.</summary>
internal sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem, IWorkItemScheduler
{
    // After so many turns the thread goes to others.
    private const int TurnsPerQuantum = 64;

    private readonly Lock gate = new();
    private readonly Queue<Task> queue = new();
    private bool scheduled;
    private bool dead;

    public override int MaximumConcurrencyLevel => 1;

    public bool IsCurrent => ReferenceEquals(RuntimeContext.Current, activation);

    /// <summary>Drops what is queued and all that is to come.</summary>
    public void Kill()
    {
        lock (gate)
        {
            dead = true;
            queue.Clear();
        }
    }

    public void QueueAction(Action action)
    {
        using (Flow.Suppress())
        {
            new Task(action, CancellationToken.None, TaskCreationOptions.DenyChildAttach).Start(this);
        }
    }

    public void QueueAction(Action<object> action, object state)
    {
        using (Flow.Suppress())
        {
            new Task(action!, state, CancellationToken.None, TaskCreationOptions.DenyChildAttach).Start(this);
        }
    }

    void IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    void IThreadPoolWorkItem.Execute()
    {
        var outer = RuntimeContext.Current;
        RuntimeContext.Current = activation;
        try
        {
            for (var turn = 0; turn < TurnsPerQuantum; turn++)
            {
                Task? task;
                lock (gate)
                {
                    if (!queue.TryDequeue(out task))
                    {
                        scheduled = false;
                        return;
                    }
                }

                TryExecuteTask(task);
            }
        }
        finally
        {
            RuntimeContext.Current = outer;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected override void QueueTask(Task task)
    {
        lock (gate)
        {
            if (dead)
            {
                return;
            }

            queue.Enqueue(task);
            if (scheduled)
            {
                return;
            }

            scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && IsCurrent && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (gate)
        {
            return [.. queue];
        }
    }
}
