namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>A part of a node that is taken from one moment to another (UTC ticks; <see cref="long.MaxValue"/>: no known end).</summary>
internal struct Occupant
{
    public long From;
    public long Until;
    public int Cores;
    public long Memory;
    public long Storage;
    public long Network;

    /// <summary>Bit n: GPU n.</summary>
    public ulong Gpus;

    /// <summary>Of each of its GPUs.</summary>
    public int GpuThousandths;
    public bool Exclusive;

    /// <summary>It was taken by the plan that is being made, and goes with it.</summary>
    public bool Planned;

    /// <summary>It is what a partial reservation keeps: work inside of it uses this and not something else.</summary>
    public bool Hold;

    /// <summary>The reservation that it is, or inside of which it runs, by its number; -1: none.</summary>
    public int Reservation;

    /// <summary>Whose place it is, by its turn in the plan; -1: not one of this plan.</summary>
    public int Turn;
}
