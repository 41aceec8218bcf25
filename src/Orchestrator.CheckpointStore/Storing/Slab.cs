namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A large buffer that several chunks share; it is free again when the last of them is done.</summary>
internal sealed class Slab(SlabPool pool)
{
    private int holders;

    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(SlabPool.SlabLength);

    public void Hold() => Interlocked.Increment(ref holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            pool.Return(this);
        }
    }
}
