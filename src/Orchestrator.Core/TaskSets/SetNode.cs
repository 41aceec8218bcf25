namespace Orchestrator.Core.TaskSets;

/// <summary>A node as a set sees it.</summary>
internal sealed class SetNode(TaskDemand capacity, int prefetchCores)
{
    private int cores = capacity.Cores + prefetchCores, gpus = capacity.Gpus;
    private long memory = capacity.Memory;

    public TaskDemand Capacity => capacity;

    public bool IsLost { get; set; }

    public HashSet<int> Leased { get; } = [];

    /// <summary>Room for more leases. Cores may be leased ahead of their use, GPUs and memory not.</summary>
    public bool HasRoomFor(TaskDemand demand) => demand.Cores <= cores && demand.Gpus <= gpus && demand.Memory <= memory;

    public bool IsFull => cores <= 0;

    public int FreeCores => cores;

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
