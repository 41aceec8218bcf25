using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot.Nodes;

/// <summary>
/// A thread that starts one task after the other and waits for each. It stays on the processors of its tasks: a child inherits them, starts where its parent already is, and
/// wakes it there when it ends, so that a task needs no other processor and no other thread. Where one thread starts and awaits all tasks, the processors wait for it in turn.
/// </summary>
internal sealed class Lane : IDisposable
{
    private const int StackSize = 512 * 1024;

    private readonly object gate = new();
    private readonly CpuSets? processors;
    private readonly Action<Lane, RunningTask> run;
    private readonly Thread thread;
    private RunningTask? next;
    private int[]? entered;
    private bool isClosing;

    /// <param name="defaults">What every process gets.</param>
    /// <param name="processors">Null: tasks are not pinned.</param>
    /// <param name="run">Runs one task to its end, on this thread.</param>
    /// <exception cref="OutOfMemoryException">There is no room for another thread.</exception>
    public Lane(SpawnDefaults defaults, CpuSets? processors, Action<Lane, RunningTask> run)
    {
        this.processors = processors;
        this.run = run;
        Spawner = new(defaults);
        thread = new(Run, StackSize) { IsBackground = true, Name = "lane" };
        try
        {
            thread.Start();
        }
        catch
        {
            Spawner.Dispose();
            throw;
        }
    }

    public Spawner Spawner { get; }

    /// <summary>Of the last task that it was given.</summary>
    public int[]? Processors { get; private set; }

    /// <summary>Runs a task; the one before has ended.</summary>
    public void Begin(RunningTask task)
    {
        Processors = task.Processors;
        lock (gate)
        {
            next = task;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Ends the thread, when its task has ended.</summary>
    public void Close()
    {
        lock (gate)
        {
            isClosing = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits for that. A task that cannot be killed must not keep the pilot: then the thread, one of the background, keeps what it uses.</summary>
    /// <returns>Whether it has ended: what it was given is of no more use to it.</returns>
    public bool End(TimeSpan patience)
    {
        Close();
        if (!thread.Join(patience))
        {
            return false;
        }

        Spawner.Dispose();
        return true;
    }

    public void Dispose() => End(TimeSpan.FromSeconds(2));

    private void Run()
    {
        while (true)
        {
            RunningTask task;
            lock (gate)
            {
                while (next is null && !isClosing)
                {
                    Monitor.Wait(gate);
                }

                if (next is null)
                {
                    return;
                }

                (task, next) = (next, null);
            }

            Enter(task.Processors);
            run(this, task);
        }
    }

    private void Enter(int[]? chosen)
    {
        if (chosen is null && entered is not null)
        {
            processors!.Leave();
        }
        else if (chosen is not null && (entered is null || !entered.AsSpan().SequenceEqual(chosen)))
        {
            processors!.Enter(chosen);
        }

        entered = chosen;
    }
}
