namespace Orchestrator.Core.Accounts;

/// <summary>What an attempt used, as its agents measured it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.resource-use")]
public sealed record ResourceUse
{
    /// <summary>From start to exit.</summary>
    [Id(0)] public TimeSpan WallTime { get; init; }

    /// <summary>User and system time of all its processes.</summary>
    [Id(1)] public TimeSpan CpuTime { get; init; }

    /// <summary>Most bytes that all its processes had resident at once, as far as sampling saw it.</summary>
    [Id(2)] public long PeakMemory { get; init; }

    /// <summary>Bytes read from storage, over all processes.</summary>
    [Id(3)] public long BytesRead { get; init; }

    /// <summary>Bytes written to storage, over all processes.</summary>
    [Id(4)] public long BytesWritten { get; init; }

    /// <summary>Wall time by the GPUs it held; a part of one counts as that part.</summary>
    [Id(5)] public TimeSpan GpuTime { get; init; }

    /// <summary>Wall time by the cores it held: what an account is charged for.</summary>
    [Id(6)] public TimeSpan CoreTime { get; init; }

    /// <summary>Wall time by the nodes it held; zero in what was counted before it was kept, and where no node is known.</summary>
    [Id(7)] public TimeSpan NodeTime { get; init; }

    /// <summary>Bytes that it held on all its nodes; 0 in what was counted before it was kept, and where none were asked for.</summary>
    [Id(8)] public long MemoryHeld { get; init; }

    /// <summary>The part of <see cref="GpuTime"/> in which somebody looked how busy its GPUs are, on the lead's node; zero where nobody can.</summary>
    [Id(9)] public TimeSpan GpuWatched { get; init; }

    /// <summary>The part of <see cref="GpuWatched"/> in which they worked.</summary>
    [Id(10)] public TimeSpan GpuBusy { get; init; }

    /// <summary>Both together: times and bytes add up, of the peaks, and of what was held, the higher one counts.</summary>
    public static ResourceUse operator +(ResourceUse one, ResourceUse other) => new()
    {
        WallTime = one.WallTime + other.WallTime,
        CpuTime = one.CpuTime + other.CpuTime,
        PeakMemory = Math.Max(one.PeakMemory, other.PeakMemory),
        BytesRead = one.BytesRead + other.BytesRead,
        BytesWritten = one.BytesWritten + other.BytesWritten,
        GpuTime = one.GpuTime + other.GpuTime,
        CoreTime = one.CoreTime + other.CoreTime,
        NodeTime = one.NodeTime + other.NodeTime,
        MemoryHeld = Math.Max(one.MemoryHeld, other.MemoryHeld),
        GpuWatched = one.GpuWatched + other.GpuWatched,
        GpuBusy = one.GpuBusy + other.GpuBusy,
    };
}
