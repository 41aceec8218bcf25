using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Tests.Simulated;

/// <summary>
/// Files in memory, as POSIX promises them and no better: bytes are durable once their file was synced, names once their folder was. The machine dies at one operation; then any
/// part of what was not synced may be there, in any order.
/// </summary>
internal sealed class SimulatedFiles : IStoreFiles
{
    private readonly Dictionary<string, Folder> folders = new() { [""] = new() };

    /// <summary>The operation at which the machine dies; -1: never.</summary>
    public int DiesAt { get; set; } = -1;

    public int Operations { get; set; }

    public string Description => "/simulated";

    public long FreeBytes { get; set; } = long.MaxValue;

    public bool ShowsLate { get; set; }

    /// <summary>Files on bad sectors, with the error number that reading gives.</summary>
    public Dictionary<string, int> Unreadable { get; } = [];

    /// <summary>A read-only file system.</summary>
    public bool IsClosed { get; set; }

    public DateTimeOffset Clock { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

    public SimulatedFiles Clone() => Copy((folder, name, inode) => true);

    /// <summary>What is there when the machine runs again.</summary>
    public SimulatedFiles AfterCrash(CrashOutcome outcome, int seed)
    {
        var random = new Random(seed);

        // It takes a while; who wrote half a lease is forgotten by then.
        var after = new SimulatedFiles { Clock = Clock.AddHours(1) };
        var inodes = new Dictionary<Inode, Inode>();
        foreach (var (name, folder) in folders)
        {
            var recovered = after.folders[name] = new();
            var names = new Dictionary<string, Inode>(folder.Durable);
            for (var number = 0; number < folder.Pending.Count; number++)
            {
                var keep = outcome switch
                {
                    CrashOutcome.Nothing => false,
                    CrashOutcome.Everything or CrashOutcome.NamesWithoutBytes => true,
                    CrashOutcome.LaterHalf => number >= folder.Pending.Count / 2,
                    _ => random.Next(2) == 0,
                };
                if (keep)
                {
                    folder.Pending[number](names);
                }
            }

            foreach (var (file, inode) in names)
            {
                if (!inodes.TryGetValue(inode, out var copy))
                {
                    inodes.Add(inode, copy = inode.AfterCrash(outcome, random));
                }

                recovered.Durable[file] = copy;
                recovered.Current[file] = copy;
            }
        }

        return after;
    }

    public IEnumerable<string> All() => folders.SelectMany(folder => folder.Value.Current.Keys.Select(name => folder.Key.Length == 0 ? name : $"{folder.Key}/{name}")).Order(StringComparer.Ordinal);

    /// <summary>The bytes of a file, to be damaged.</summary>
    public byte[] BytesOf(string name) => Find(name)!.Current;

    public void Replace(string name, byte[] bytes)
    {
        var (folder, file) = Split(name);
        folders[folder].Current[file] = folders[folder].Durable[file] = new() { Current = bytes, Durable = bytes, Changed = Clock };
    }

    public void EnsureFolder(string folder)
    {
        Step();
        folders.TryAdd(folder, new());
    }

    public IReadOnlyList<StoredFile> List(string folder)
    {
        Look();
        return folders.TryGetValue(folder, out var found) ? [.. found.Current.Select(file => new StoredFile(file.Key, file.Value.Current.Length, file.Value.Changed))] : [];
    }

    public IStoreFileWriter Create(string name)
    {
        Step();
        var (folder, file) = Split(name);
        if (folders[folder].Current.ContainsKey(file))
        {
            throw new IOException($"{name} exists.");
        }

        var inode = new Inode { Changed = Clock };
        Change(folder, names => names[file] = inode);
        return new Writer(this, inode);
    }

    public IStoreFileReader Open(string name)
    {
        Look();
        return new Reader(Find(name) ?? throw new FileNotFoundException(name), Unreadable.GetValueOrDefault(name));
    }

    public bool Exists(string name)
    {
        Look();
        return Find(name) is not null;
    }

    public void Rename(string name, string target)
    {
        Step();
        var (folder, from) = Split(name);
        var (_, to) = Split(target);
        var inode = Find(name) ?? throw new FileNotFoundException(name);
        Change(folder, names =>
        {
            if (names.TryGetValue(from, out var found) && ReferenceEquals(found, inode))
            {
                names.Remove(from);
            }

            names[to] = inode;
        });
    }

    public void Delete(string name)
    {
        Step();
        var (folder, file) = Split(name);
        if (Find(name) is { } inode)
        {
            Change(folder, names =>
            {
                if (names.TryGetValue(file, out var found) && ReferenceEquals(found, inode))
                {
                    names.Remove(file);
                }
            });
        }
    }

    public void SyncFolder(string folder)
    {
        Step();
        var synced = folders[folder];
        synced.Durable = new(synced.Current);
        synced.Pending.Clear();
    }

    public void Sync(string name)
    {
        Step();
        var inode = Find(name) ?? throw new FileNotFoundException(name);
        inode.Durable = inode.Current;
        inode.Pending.Clear();
    }

    public bool Touch(string name)
    {
        if (Find(name) is { } inode)
        {
            inode.Changed = Clock;
            return true;
        }

        return false;
    }

    private static (string Folder, string File) Split(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", name) : (name[..slash], name[(slash + 1)..]);
    }

    private SimulatedFiles Copy(Func<string, string, Inode, bool> take)
    {
        var copy = new SimulatedFiles { Clock = Clock };
        foreach (var (name, folder) in folders)
        {
            var made = copy.folders[name] = new();
            foreach (var (file, inode) in folder.Current.Where(file => take(name, file.Key, file.Value)))
            {
                made.Current[file] = made.Durable[file] = new() { Current = inode.Current, Durable = inode.Current, Changed = inode.Changed };
            }
        }

        return copy;
    }

    private Inode? Find(string name)
    {
        var (folder, file) = Split(name);
        return folders.TryGetValue(folder, out var found) && found.Current.TryGetValue(file, out var inode) ? inode : null;
    }

    private void Change(string folder, Action<Dictionary<string, Inode>> change)
    {
        change(folders[folder].Current);
        folders[folder].Pending.Add(change);
    }

    private void Look()
    {
        if (DiesAt >= 0 && Operations > DiesAt)
        {
            throw new MachineDiedException();
        }
    }

    private void Step()
    {
        Look();
        if (IsClosed)
        {
            throw new IOException("Read-only file system", 30);
        }

        if (Operations++ == DiesAt)
        {
            throw new MachineDiedException();
        }
    }

    private sealed class Folder
    {
        public Dictionary<string, Inode> Current { get; } = [];

        public Dictionary<string, Inode> Durable { get; set; } = [];

        public List<Action<Dictionary<string, Inode>>> Pending { get; } = [];
    }

    private sealed class Inode
    {
        public byte[] Current { get; set; } = [];

        public byte[] Durable { get; set; } = [];

        public DateTimeOffset Changed { get; set; }

        public List<(int Offset, byte[] Bytes)> Pending { get; } = [];

        public Inode AfterCrash(CrashOutcome outcome, Random random)
        {
            var bytes = Durable.ToArray();
            for (var number = 0; number < Pending.Count; number++)
            {
                var (offset, written) = Pending[number];
                var keep = outcome switch
                {
                    CrashOutcome.Nothing => 0,
                    CrashOutcome.Everything => written.Length,
                    CrashOutcome.NamesWithoutBytes => -1,
                    CrashOutcome.LaterHalf => number >= Pending.Count / 2 ? written.Length : -1,
                    _ => random.Next(3) switch { 0 => written.Length, 1 => -1, _ => random.Next(written.Length + 1) },
                };
                if (keep == 0)
                {
                    continue;
                }

                if (bytes.Length < offset + written.Length)
                {
                    Array.Resize(ref bytes, offset + written.Length);
                }

                written.AsSpan(0, Math.Max(0, keep)).CopyTo(bytes.AsSpan(offset));
            }

            return new() { Current = bytes, Durable = bytes, Changed = Changed };
        }
    }

    private sealed class Writer(SimulatedFiles files, Inode inode) : IStoreFileWriter
    {
        public long Length { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            // A write that the crash interrupts may be half done.
            if (files.Operations == files.DiesAt)
            {
                Append(bytes[..(bytes.Length / 2)]);
            }

            files.Step();
            Append(bytes);
        }

        public void Sync()
        {
            files.Step();
            inode.Durable = inode.Current;
            inode.Pending.Clear();
        }

        public void StartWriteOut()
        {
        }

        public void Dispose()
        {
        }

        private void Append(ReadOnlySpan<byte> bytes)
        {
            inode.Pending.Add(((int)Length, bytes.ToArray()));
            inode.Current = [.. inode.Current, .. bytes];
            inode.Changed = files.Clock;
            Length += bytes.Length;
        }
    }

    private sealed class Reader(Inode inode, int failure) : IStoreFileReader
    {
        // An open file keeps its bytes, whatever becomes of its name.
        public long Length => inode.Current.Length;

        public int Read(long offset, Span<byte> bytes)
        {
            if (failure != 0)
            {
                throw new IOException("Input/output error", failure);
            }

            var from = inode.Current.AsSpan((int)Math.Min(offset, inode.Current.Length));
            var count = Math.Min(from.Length, bytes.Length);
            from[..count].CopyTo(bytes);
            return count;
        }

        public void Dispose()
        {
        }
    }
}
