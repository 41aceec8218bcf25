using System.Collections.Concurrent;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A few large buffers: they bound the memory of a whole checkpoint, whatever its size.</summary>
internal sealed class SlabPool(int slabs) : IDisposable
{
    public const int SlabLength = 16 * 1024 * 1024;

    private readonly BlockingCollection<Slab> free = [];
    private int made;

    /// <summary>Waits until one is free; it is held once.</summary>
    public Slab Take(CancellationToken cancellationToken)
    {
        if (!free.TryTake(out var slab))
        {
            slab = made < slabs ? new(this) : free.Take(cancellationToken);
            made++;
        }

        slab.Hold();
        return slab;
    }

    public void Return(Slab slab) => free.Add(slab, CancellationToken.None);

    public void Dispose() => free.Dispose();
}
