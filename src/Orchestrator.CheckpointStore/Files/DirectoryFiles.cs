using Microsoft.Win32.SafeHandles;

namespace Orchestrator.CheckpointStore.Files;

/// <summary>A store in a directory of a local or shared file system.</summary>
public sealed class DirectoryFiles : IStoreFiles
{
    /// <summary>File systems that one machine mounts, or all of whose clients see changes at once.</summary>
    private static readonly HashSet<string> OnOneMachine = new(StringComparer.OrdinalIgnoreCase)
    {
        "ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "ramfs", "overlay", "overlayfs", "f2fs", "jfs", "reiserfs", "bcachefs", "apfs", "hfs",
    };

    private readonly string root;

    /// <param name="directory">Need not exist yet.</param>
    public DirectoryFiles(string directory) => root = Path.GetFullPath(directory);

    public string Description => root;

    public long FreeBytes
    {
        get
        {
            try
            {
                return new DriveInfo(root).AvailableFreeSpace;
            }
            catch (Exception unknown) when (unknown is IOException or ArgumentException or UnauthorizedAccessException)
            {
                return long.MaxValue;
            }
        }
    }

    public bool ShowsLate
    {
        get
        {
            try
            {
                return !OnOneMachine.Contains(new DriveInfo(root).DriveFormat);
            }
            catch (Exception unknown) when (unknown is IOException or ArgumentException or UnauthorizedAccessException)
            {
                return true;
            }
        }
    }

    public void EnsureFolder(string folder)
    {
        var path = At(folder);
        if (!Directory.Exists(path))
        {
            // What is stored is what a program held in memory: nobody else's business.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
            DurableFile.SyncDirectory(Path.GetDirectoryName(path)!);
        }
    }

    public IReadOnlyList<StoredFile> List(string folder)
    {
        var directory = new DirectoryInfo(At(folder));
        if (!directory.Exists)
        {
            return [];
        }

        var files = new List<StoredFile>();
        foreach (var file in directory.EnumerateFiles())
        {
            try
            {
                files.Add(new(file.Name, file.Length, file.LastWriteTimeUtc));
            }
            catch (FileNotFoundException)
            {
                // Removed by another process since it was listed.
            }
        }

        return files;
    }

    public IStoreFileWriter Create(string name) =>
        new Writer(File.OpenHandle(At(name), FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete));

    public IStoreFileReader Open(string name)
    {
        try
        {
            return new Reader(File.OpenHandle(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new FileNotFoundException(missing.Message, missing);
        }
    }

    public bool Exists(string name) => File.Exists(At(name));

    public void Rename(string name, string target) => File.Move(At(name), At(target), overwrite: true);

    public void Delete(string name)
    {
        try
        {
            File.Delete(At(name));
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }
    }

    public void SyncFolder(string folder) => DurableFile.SyncDirectory(At(folder));

    public void Sync(string name)
    {
        using var handle = File.OpenHandle(At(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        DurableFile.Sync(handle);
    }

    public bool Touch(string name)
    {
        // One byte written again, and not a time set by us: on a shared file system the server's clock is the one that all see.
        try
        {
            using var handle = File.OpenHandle(At(name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> first = stackalloc byte[1];
            if (RandomAccess.Read(handle, first, 0) == 1)
            {
                RandomAccess.Write(handle, first, 0);
            }
            else
            {
                // One that a full disk left empty is only dated.
                Native.TouchNow(At(name));
            }

            return true;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private string At(string name) => name.Length == 0 ? root : Path.Combine(root, name);

    private sealed class Writer(SafeFileHandle handle) : IStoreFileWriter
    {
        private long started;

        public long Length { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            Native.Write(handle, bytes, Length);
            Length += bytes.Length;
        }

        public void Sync() => DurableFile.Sync(handle);

        public void StartWriteOut()
        {
            Native.StartWriteOut(handle, started, Length - started);
            started = Length;
        }

        public void Dispose() => handle.Dispose();
    }

    private sealed class Reader(SafeFileHandle handle) : IStoreFileReader
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(long offset, Span<byte> bytes)
        {
            var done = 0;
            while (done < bytes.Length && RandomAccess.Read(handle, bytes[done..], offset + done) is > 0 and var read)
            {
                done += read;
            }

            return done;
        }

        public void Dispose() => handle.Dispose();
    }
}
