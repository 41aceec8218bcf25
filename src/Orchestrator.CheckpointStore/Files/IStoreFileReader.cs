namespace Orchestrator.CheckpointStore.Files;

/// <summary>An open file of a store; several threads may read at once.</summary>
public interface IStoreFileReader : IDisposable
{
    long Length { get; }

    /// <summary>Reads until the span is full or the file ends; the number of bytes read.</summary>
    int Read(long offset, Span<byte> bytes);
}
