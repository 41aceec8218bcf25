using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;

namespace Orchestrator.Pilot.Nodes;

/// <summary>Starts nothing: every task completes at once. For measuring what the pilot itself takes.</summary>
internal sealed class NullNode : ITaskNode
{
    private readonly INodeEvents events;
    private readonly Action waitForRoom;
    private readonly Thread thread;
    private List<TaskLease> started = [];
    private bool isDisposed;

    /// <param name="capacity">What it pretends to have.</param>
    /// <param name="events">Whom it reports to.</param>
    /// <param name="waitForRoom">Blocks while there is too much to write down.</param>
    public NullNode(TaskDemand capacity, INodeEvents events, Action waitForRoom)
    {
        Capacity = capacity;
        this.events = events;
        this.waitForRoom = waitForRoom;
        thread = new(Run) { IsBackground = true, Name = "null executor" };
        thread.Start();
    }

    public string Name => "null";

    public TaskDemand Capacity { get; }

    public int PrefetchCores => 0;

    public bool IsPaused => false;

    public void Start(TaskLease lease, TaskDefinition task)
    {
        started.Add(lease);
        Monitor.PulseAll(events.Gate);
    }

    public void ReturnAll()
    {
    }

    public void Dispose()
    {
        lock (events.Gate)
        {
            isDisposed = true;
            Monitor.PulseAll(events.Gate);
        }

        thread.Join();
    }

    private void Run()
    {
        var ended = new List<TaskLease>();
        while (true)
        {
            waitForRoom();
            lock (events.Gate)
            {
                while (started.Count == 0 && !isDisposed)
                {
                    Monitor.Wait(events.Gate);
                }

                if (isDisposed)
                {
                    return;
                }

                (started, ended) = (ended, started);
                foreach (var lease in ended)
                {
                    events.Ended(new() { Lease = lease, Outcome = TaskOutcome.Completed });
                }

                ended.Clear();
                events.Pump();
            }
        }
    }
}
