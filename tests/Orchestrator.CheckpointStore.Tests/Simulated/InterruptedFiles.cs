using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Tests.Simulated;

/// <summary>Files that do something in the middle of one operation: kill the process, or throw as a full disk does; when it lasts, at each one from then on that takes space.</summary>
internal sealed class InterruptedFiles(IStoreFiles inner, long operation, Action interrupt, bool lasts = false) : IStoreFiles
{
    /// <summary>Changing operations so far; the one with the number <c>operation</c> is interrupted.</summary>
    public long Operations { get; private set; }

    public string Description => inner.Description;

    public long FreeBytes => inner.FreeBytes;

    public bool ShowsLate => inner.ShowsLate;

    public void EnsureFolder(string folder)
    {
        Count(grows: false);
        inner.EnsureFolder(folder);
    }

    public IReadOnlyList<StoredFile> List(string folder) => inner.List(folder);

    public IStoreFileWriter Create(string name)
    {
        // A name finds room where bytes do not.
        Count(grows: false);
        return new Writer(this, inner.Create(name));
    }

    public IStoreFileReader Open(string name) => inner.Open(name);

    public bool Exists(string name) => inner.Exists(name);

    public void Rename(string name, string target)
    {
        Count(grows: false);
        inner.Rename(name, target);
    }

    public void Delete(string name)
    {
        Count(grows: false);
        inner.Delete(name);
    }

    public void SyncFolder(string folder)
    {
        Count(grows: false);
        inner.SyncFolder(folder);
    }

    public void Sync(string name)
    {
        Count(grows: false);
        inner.Sync(name);
    }

    public bool Touch(string name) => inner.Touch(name);

    private bool Next(bool grows) => Operations++ is var now && (now == operation || (lasts && grows && operation >= 0 && now > operation));

    private void Count(bool grows)
    {
        if (Next(grows))
        {
            interrupt();
        }
    }

    private sealed class Writer(InterruptedFiles files, IStoreFileWriter writer) : IStoreFileWriter
    {
        public long Length => writer.Length;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (files.Next(grows: true))
            {
                writer.Write(bytes[..(bytes.Length / 2)]);
                files.Operations--;
                files.Count(grows: true);
            }

            writer.Write(bytes);
        }

        public void Sync()
        {
            files.Count(grows: false);
            writer.Sync();
        }

        public void StartWriteOut() => writer.StartWriteOut();

        public void Dispose() => writer.Dispose();
    }
}
