namespace Orchestrator.Core.TaskSets;

/// <summary>A node as a set sees it.</summary>
internal sealed class SetNode(TaskDemand capacity, int prefetchCores)
{
    private int cores = capacity.Cores + prefetchCores, gpus = capacity.Gpus;
    private long memory = capacity.Memory;
    private int longCores;

    public TaskDemand Capacity => capacity;

    public bool IsLost { get; set; }

    public HashSet<int> Leased { get; } = [];

    /// <summary>Leased tasks that may take long: nothing is leased ahead behind them.</summary>
    private readonly HashSet<int> longTasks = [];

    /// <summary>Room for more leases. Cores may be leased ahead of their use, GPUs and memory not.</summary>
    public bool HasRoomFor(TaskDemand demand, bool isAhead) => demand.Cores <= Room(isAhead) && demand.Gpus <= gpus && demand.Memory <= memory;

    public bool IsFull(bool isAhead) => Room(isAhead) <= 0;

    /// <summary>Those that may be leased ahead included.</summary>
    public int FreeCores => cores;

    /// <summary>Below zero: so many are leased ahead.</summary>
    public int OwnFreeCores => cores - prefetchCores;

    private int Room(bool isAhead) => !isAhead ? OwnFreeCores : prefetchCores == 0 ? 0 : cores - longCores;

    /// <summary>Remembers a lease that may take long.</summary>
    public void TakeLong(int task, int taken)
    {
        if (prefetchCores > 0 && longTasks.Add(task))
        {
            longCores += taken;
        }
    }

    /// <summary>Forgets it, if it was one.</summary>
    public void GiveLong(int task, int given)
    {
        if (longTasks.Remove(task))
        {
            longCores -= given;
        }
    }

    public void Take(TaskDemand demand)
    {
        cores -= demand.Cores;
        gpus -= demand.Gpus;
        memory -= demand.Memory;
    }

    public void Give(TaskDemand demand)
    {
        cores += demand.Cores;
        gpus += demand.Gpus;
        memory += demand.Memory;
    }
}
