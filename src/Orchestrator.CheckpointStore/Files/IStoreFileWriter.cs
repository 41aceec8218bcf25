namespace Orchestrator.CheckpointStore.Files;

/// <summary>A file that is written from its beginning to its end, by one thread at a time.</summary>
public interface IStoreFileWriter : IDisposable
{
    /// <summary>Bytes written.</summary>
    long Length { get; }

    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Makes all bytes durable.</summary>
    void Sync();

    /// <summary>Lets the system begin to write out, so that <see cref="Sync"/> has less to do. A hint.</summary>
    void StartWriteOut();
}
