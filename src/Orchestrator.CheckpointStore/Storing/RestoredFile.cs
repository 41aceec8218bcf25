using Microsoft.Win32.SafeHandles;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Manifests;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A file that is being restored, by several threads.</summary>
internal sealed class RestoredFile : IDisposable
{
    private const long WriteOutEach = 16L * 1024 * 1024;

    private readonly string path;
    private readonly StoredEntry entry;
    private readonly SafeFileHandle handle;
    private readonly bool durable;
    private long writtenOut;
    private int missing;

    /// <param name="path">Where.</param>
    /// <param name="entry">What.</param>
    /// <param name="chunks">Chunks that will be written, and one for whoever opened it.</param>
    /// <param name="durable">Made durable when it is whole; else somebody does that for all.</param>
    public RestoredFile(string path, StoredEntry entry, int chunks, bool durable)
    {
        (this.path, this.entry, missing, this.durable) = (path, entry, chunks + 1, durable);
        handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        if (entry.Size > 0)
        {
            RandomAccess.SetLength(handle, entry.Size);
        }
    }

    public bool IsWhole => Volatile.Read(ref missing) == 0;

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        Native.Write(handle, bytes, offset);
        if (Interlocked.Read(ref writtenOut) is var before && offset + bytes.Length - before >= WriteOutEach
            && Interlocked.CompareExchange(ref writtenOut, offset + bytes.Length, before) == before)
        {
            Native.StartWriteOut(handle, before, offset + bytes.Length - before);
        }

        Done();
    }

    /// <summary>One part is there; the last one makes it whole.</summary>
    public void Done()
    {
        if (Interlocked.Decrement(ref missing) > 0)
        {
            return;
        }

        File.SetUnixFileMode(handle, (UnixFileMode)entry.Mode);
        if (durable)
        {
            DurableFile.Sync(handle);
        }

        handle.Dispose();
        Native.SetModified(path, entry.Modified);
    }

    public void Dispose() => handle.Dispose();
}
