using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Tests.Simulated;

/// <summary>Files that do something in the middle of one operation: kill the process, or throw as a full disk does.</summary>
internal sealed class InterruptedFiles(IStoreFiles inner, long operation, Action interrupt) : IStoreFiles
{
    /// <summary>Changing operations so far; the one with the number <c>operation</c> is interrupted.</summary>
    public long Operations { get; private set; }

    public string Description => inner.Description;

    public long FreeBytes => inner.FreeBytes;

    public void EnsureFolder(string folder)
    {
        Count();
        inner.EnsureFolder(folder);
    }

    public IReadOnlyList<StoredFile> List(string folder) => inner.List(folder);

    public IStoreFileWriter Create(string name)
    {
        Count();
        return new Writer(this, inner.Create(name));
    }

    public IStoreFileReader Open(string name) => inner.Open(name);

    public bool Exists(string name) => inner.Exists(name);

    public void Rename(string name, string target)
    {
        Count();
        inner.Rename(name, target);
    }

    public void Delete(string name)
    {
        Count();
        inner.Delete(name);
    }

    public void SyncFolder(string folder)
    {
        Count();
        inner.SyncFolder(folder);
    }

    public void Sync(string name)
    {
        Count();
        inner.Sync(name);
    }

    public bool Touch(string name) => inner.Touch(name);

    private bool Next() => Operations++ == operation;

    private void Count()
    {
        if (Next())
        {
            interrupt();
        }
    }

    private sealed class Writer(InterruptedFiles files, IStoreFileWriter writer) : IStoreFileWriter
    {
        public long Length => writer.Length;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (files.Next())
            {
                writer.Write(bytes[..(bytes.Length / 2)]);
                files.Operations--;
                files.Count();
            }

            writer.Write(bytes);
        }

        public void Sync()
        {
            files.Count();
            writer.Sync();
        }

        public void StartWriteOut() => writer.StartWriteOut();

        public void Dispose() => writer.Dispose();
    }
}
