using System.Globalization;
using Orchestrator.CheckpointStore.Leases;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>The right to move bytes to a store: at most so many processes, on all nodes together, have one at a time.</summary>
public sealed class FlushSlot : IDisposable
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly StoreLease lease;

    private FlushSlot(StoreLease lease) => this.lease = lease;

    /// <summary>Null when all are taken.</summary>
    public static FlushSlot? TryTake(ChunkStore target, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        for (var slot = 0; slot < slots; slot++)
        {
            if (StoreLease.TryTakeOnly(target.Files, target.Options, LeaseKind.Flush, string.Create(CultureInfo.InvariantCulture, $"flush-{slot}")) is { } lease)
            {
                return new(lease);
            }
        }

        return null;
    }

    /// <summary>Waits until one is free.</summary>
    public static FlushSlot Take(ChunkStore target, int slots, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (TryTake(target, slots) is { } slot)
            {
                return slot;
            }

            cancellationToken.WaitHandle.WaitOne(LookAgain);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => lease.Dispose();
}
