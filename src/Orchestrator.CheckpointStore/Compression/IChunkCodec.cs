namespace Orchestrator.CheckpointStore.Compression;

/// <summary>One way to make chunks smaller. An instance serves one thread at a time.</summary>
public interface IChunkCodec : IDisposable
{
    /// <summary>As it is recorded with each chunk: at most 12 characters.</summary>
    string Name { get; }

    /// <summary>The length of the result; 0 when the target is too small.</summary>
    int Compress(ReadOnlySpan<byte> source, Span<byte> target);

    /// <summary>Fills the target, whose length is that of the chunk.</summary>
    /// <exception cref="InvalidDataException">These bytes are not what <see cref="Compress"/> gave for a chunk of this length.</exception>
    void Decompress(ReadOnlySpan<byte> source, Span<byte> target);
}
