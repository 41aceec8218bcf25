using System.Collections.Immutable;

namespace Orchestrator.Core.Failures;

/// <summary>What a node measured of itself; parts are 0 to 1, null: not known.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-pressure")]
public sealed record NodePressure
{
    [Id(0)] public double? Memory { get; init; }

    /// <summary>Of the file system of the data directory.</summary>
    [Id(1)] public double? Disk { get; init; }

    /// <summary>Of the same file system.</summary>
    [Id(2)] public double? Inodes { get; init; }

    /// <summary>Of the node's cores, busy with what none of its attempts does.</summary>
    [Id(3)] public double? ForeignLoad { get; init; }

    /// <summary>How long the storage of the data directory took, or has been taking so far, to write a few bytes durably; null: nothing new of it.</summary>
    [Id(4)] public TimeSpan? StorageWait { get; init; }

    /// <summary>Why it did not take them, as a sentence; null: it did, or has not yet answered.</summary>
    [Id(5)] public string? StorageFault { get; init; }

    /// <summary>Packets that its links received or sent with errors since it was booted; no alarm by itself.</summary>
    [Id(10)] public long? NetworkErrors { get; init; }

    /// <summary>What the site's own check of the node says is wrong, as a sentence; null: nothing, or there is no check.</summary>
    [Id(11)] public string? HealthFault { get; init; }
}

/// <summary>Tells what of a node is about to be used up.</summary>
public static class ResourceLimits
{
    /// <summary>From here on it counts as used up.</summary>
    public const double Exhausted = 0.95;

    /// <summary>It must fall below this before it counts as well again.</summary>
    public const double Eased = 0.90;

    /// <summary>Storage that needs longer for a few bytes does not answer.</summary>
    public static readonly TimeSpan StorageWaitMax = TimeSpan.FromSeconds(10);

    public static bool HasStorageFailed(NodePressure pressure)
    {
        ArgumentNullException.ThrowIfNull(pressure);
        return pressure.StorageFault is not null || pressure.StorageWait > StorageWaitMax;
    }

    /// <summary>What is used up, with the kind of failure that it is about to cause.</summary>
    /// <param name="pressure">As measured.</param>
    /// <param name="before">What was used up before: it stays so until it eased.</param>
    public static ImmutableArray<FailureKind> Of(NodePressure pressure, ImmutableArray<FailureKind> before)
    {
        ArgumentNullException.ThrowIfNull(pressure);
        var found = ImmutableArray.CreateBuilder<FailureKind>();
        Add(FailureKind.MemoryExhaustion, pressure.Memory);
        Add(FailureKind.DiskFull, pressure.Disk is null || pressure.Inodes > pressure.Disk ? pressure.Inodes : pressure.Disk);
        return found.ToImmutable();

        void Add(FailureKind kind, double? used)
        {
            if (used >= (before.Contains(kind) ? Eased : Exhausted))
            {
                found.Add(kind);
            }
        }
    }
}
