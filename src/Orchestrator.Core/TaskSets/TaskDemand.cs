namespace Orchestrator.Core.TaskSets;

/// <summary>What a task takes of one node while it runs, or what a node has.</summary>
public readonly record struct TaskDemand
{
    public TaskDemand(int cores, int gpus = 0, long memory = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cores);
        ArgumentOutOfRangeException.ThrowIfNegative(gpus);
        ArgumentOutOfRangeException.ThrowIfNegative(memory);
        Cores = cores;
        Gpus = gpus;
        Memory = memory;
    }

    public int Cores { get; }

    public int Gpus { get; }

    /// <summary>Bytes; 0: not declared.</summary>
    public long Memory { get; }

    public bool FitsIn(TaskDemand room) => Cores <= room.Cores && Gpus <= room.Gpus && Memory <= room.Memory;
}
