using System.Globalization;
using System.Text;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Tests;

public sealed class RoundTripTests
{
    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 12)];

    [Theory, MemberData(nameof(Seeds))]
    public void Any_tree_comes_back_as_it_was(int seed)
    {
        using var scratch = new Scratch();
        var random = new Random(seed);
        var root = scratch.Path("tree");
        Directory.CreateDirectory(root);
        Grow(root, random, depth: 0);
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(workers: seed % 3), create: true);

        var text = Tree.Describe(root);
        string[] ways = [.. CompressionChoice.Detect().Where(way => way.Version is not null).Select(way => way.Name)];
        var id = store.Put(new() { Name = "t", Path = root, Compression = CompressionChoice.Parse(ways[seed % ways.Length]), Chunking = (Chunking)(seed % 4) }).Checkpoint.Id;

        Restored(store, scratch, id).ShouldBe(text);

        // And changed in some places, against the version before.
        foreach (var file in Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Order(StringComparer.Ordinal).ToList())
        {
            if (random.Next(3) == 0 && new FileInfo(file).Length < 1 << 26)
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
                stream.Position = random.NextInt64(stream.Length + 1);
                stream.Write(Scratch.Noise(seed, random.Next(100_000)));
            }
        }

        text = Tree.Describe(root);
        id = store.Put(new() { Name = "t", Path = root, Kind = seed % 2 == 0 ? CheckpointKind.Incremental : CheckpointKind.Full }).Checkpoint.Id;
        Restored(store, scratch, id).ShouldBe(text);
        store.Verify().Damaged.ShouldBeEmpty();
    }

    [Fact]
    public void Holes_are_neither_read_nor_stored_and_are_holes_again()
    {
        using var scratch = new Scratch();
        var path = scratch.Path("tree/huge");
        Directory.CreateDirectory(scratch.Path("tree"));
        using (var stream = File.Create(path))
        {
            stream.SetLength(1L << 40);
            stream.Position = 1L << 39;
            stream.Write("in the middle"u8);
        }

        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        var put = store.Put(new() { Name = "t", Path = scratch.Path("tree") });
        var target = scratch.NewTarget();
        store.Get(put.Checkpoint.Id, target);

        put.Checkpoint.Bytes.ShouldBe(1L << 40);
        put.Read.ShouldBeLessThan(1 << 24);
        put.Stored.ShouldBeLessThan(10_000);
        using var restored = File.OpenRead(Path.Combine(target, "huge"));
        restored.Length.ShouldBe(1L << 40);
        restored.Position = 1L << 39;
        var bytes = new byte[13];
        restored.ReadExactly(bytes);
        Encoding.ASCII.GetString(bytes).ShouldBe("in the middle");
    }

    [Fact]
    public void What_is_inserted_costs_little_and_what_did_not_change_nothing()
    {
        using var scratch = new Scratch();
        var bytes = Scratch.Noise(1, 20 << 20);
        scratch.Write("tree/state", bytes);
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(workers: 2), create: true);
        PutRequest request = new() { Name = "t", Path = scratch.Path("tree") };
        store.Put(request).Stored.ShouldBeGreaterThan(20 << 20);

        store.Put(request).Stored.ShouldBe(0);
        scratch.Write("tree/state", [.. bytes.AsSpan(0, 5 << 20), 1, 2, 3, .. bytes.AsSpan(5 << 20)]);
        store.Put(request).Stored.ShouldBeLessThan(4 << 20);

        // In place: the array keeps its length.
        scratch.Write("tree/state", [.. bytes.AsSpan(0, 9 << 20), 7, .. bytes.AsSpan((9 << 20) + 1)]);
        store.Put(request).Stored.ShouldBeLessThan(4 << 20);
    }

    [Fact]
    public void A_file_that_grew_at_its_end_costs_its_end()
    {
        using var scratch = new Scratch();
        var bytes = Scratch.Noise(1, 12 << 20);
        scratch.Write("tree/log", bytes);
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        PutRequest request = new() { Name = "t", Path = scratch.Path("tree") };
        store.Put(request);

        scratch.Write("tree/log", [.. bytes, .. Scratch.Noise(2, 1 << 20)]);

        store.Put(request).Stored.ShouldBeLessThan(4 << 20);
    }

    [Fact]
    public void An_incremental_one_reads_only_what_changed_and_is_whole_in_itself()
    {
        using var scratch = new Scratch();
        scratch.Write("tree/large", Scratch.Noise(1, 2 << 20));
        scratch.Write("tree/small", "one");
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(time: new Later()), create: true);
        var first = store.Put(new() { Name = "t", Path = scratch.Path("tree") });

        File.WriteAllText(scratch.Path("tree/small"), "two!");
        var second = store.Put(new() { Name = "t", Path = scratch.Path("tree"), Kind = CheckpointKind.Incremental });

        second.Read.ShouldBe(4);
        second.Unchanged.ShouldBe(1);
        store.Prune([first.Checkpoint.Id]).Gone.ShouldBe([first.Checkpoint.Id]);
        store.Collect();
        Restored(store, scratch, second.Checkpoint.Id).ShouldBe(Tree.Describe(scratch.Path("tree")));
    }

    [Fact]
    public void What_changed_within_a_tick_or_got_its_old_time_again_is_read_by_an_incremental_one()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("tree/a", "one");
        var written = File.GetLastWriteTimeUtc(file);
        var now = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        var later = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(time: new Later()));
        PutRequest request = new() { Name = "t", Path = scratch.Path("tree"), Kind = CheckpointKind.Incremental };

        // The same size, the same file, the same time: as if it had been written again within the tick of the clock.
        now.Put(request);
        File.WriteAllText(file, "two");
        File.SetLastWriteTimeUtc(file, written);
        later.Put(request).Unchanged.ShouldBe(0);
        File.WriteAllText(file, "six");
        File.SetLastWriteTimeUtc(file, written);
        var last = later.Put(request);

        last.Unchanged.ShouldBe(0);
        later.Put(request).Unchanged.ShouldBe(1);
        Restored(later, scratch, last.Checkpoint.Id).ShouldBe(Tree.Describe(scratch.Path("tree")));
    }

    [Fact]
    public void An_array_that_grows_after_it_was_cut_where_it_was_cut_before_is_cut_as_at_first()
    {
        using var scratch = new Scratch();
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        PutRequest request = new() { Name = "t", Path = scratch.Path("tree") };
        var bytes = Scratch.Noise(1, 6 << 20);
        scratch.Write("tree/array", bytes);
        store.Put(request with { Chunking = Chunking.Fixed });
        bytes[100] ^= 1;
        scratch.Write("tree/array", bytes);

        var same = store.Put(request);
        scratch.Write("tree/array", [.. bytes, .. Scratch.Noise(2, 1 << 20)]);
        var grown = store.Put(request);

        store.Show(same.Checkpoint.Id).Entries.Single(entry => entry.Path == "array").Chunking.ShouldBe(Chunking.Fixed);
        grown.NewChunks.ShouldBe(1);
    }

    [Fact]
    public void What_is_restored_is_open_to_nobody_else_before_it_has_its_permissions_and_what_a_killed_restore_left_goes()
    {
        using var scratch = new Scratch();
        scratch.Write("tree/a", Scratch.Noise(1, 4000));
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        var id = store.Put(new() { Name = "t", Path = scratch.Path("tree") }).Checkpoint.Id;
        var target = scratch.NewTarget();
        Directory.CreateDirectory(target + ".r-1234.partial");
        Directory.CreateDirectory(target + ".other.partial");
        var modes = new List<UnixFileMode>();

        store.Get(id, target, new Look(() => modes.AddRange(Directory.EnumerateDirectories(scratch.Root, "*.r-*.partial").Select(path => File.GetUnixFileMode(path)))));

        modes.ShouldNotBeEmpty();
        modes.ShouldAllBe(mode => mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Directory.EnumerateDirectories(scratch.Root, "*.partial").ShouldBe([target + ".other.partial"]);
    }

    [Fact]
    public void A_link_to_what_is_not_UTF_8_is_refused_by_its_name()
    {
        using var scratch = new Scratch();
        scratch.Write("tree/a", "a");
        using (var made = System.Diagnostics.Process.Start("sh", ["-c", $"ln -s \"$(printf '\\377')\" '{scratch.Path("tree/odd")}'"]))
        {
            made.WaitForExit();
        }

        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);

        Should.Throw<StoreException>(() => store.Put(new() { Name = "t", Path = scratch.Path("tree") })).Message.ShouldContain("tree/odd leads is not UTF-8");
    }

    [Fact]
    public void A_smaller_kind_holds_what_it_says_and_metadata_alone_is_not_restored()
    {
        using var scratch = new Scratch();
        scratch.Write("tree/restart.1", "state");
        scratch.Write("tree/history", "long");
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);

        var critical = store.Put(new() { Name = "t", Path = scratch.Path("tree"), Kind = CheckpointKind.CriticalState, Critical = ["restart.*"] }).Checkpoint;
        var metadata = store.Put(new() { Name = "t", Path = scratch.Path("tree"), Kind = CheckpointKind.MetadataOnly }).Checkpoint;

        var target = scratch.NewTarget();
        store.Get(critical.Id, target);
        Directory.GetFiles(target).Select(Path.GetFileName).ShouldBe(["restart.1"]);
        store.Show(metadata.Id).Entries.Single(entry => entry.Path == "history").Size.ShouldBe(4);
        Should.Throw<StoreException>(() => store.Get(metadata.Id, scratch.NewTarget())).Message.ShouldContain("cannot be restored");
        store.GetNewest("t", scratch.NewTarget()).Checkpoint.Id.ShouldBe(critical.Id);
    }

    [Fact]
    public void One_file_alone_is_a_checkpoint_too()
    {
        using var scratch = new Scratch();
        var path = scratch.Write("state.bin", "all of it");
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);

        var id = store.Put(new() { Name = "t", Path = path }).Checkpoint.Id;

        var target = scratch.NewTarget();
        store.Get(id, target);
        File.ReadAllText(Path.Combine(target, "state.bin")).ShouldBe("all of it");
    }

    [Fact]
    public void Numbers_are_shuffled_when_that_helps_and_noise_is_stored_as_it_is()
    {
        using var scratch = new Scratch();
        var values = Enumerable.Range(0, 1 << 18).Select(at => 280 + Math.Sin(at / 500.0)).ToArray();
        scratch.Write("tree/field", System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        scratch.Write("tree/noise", Scratch.Noise(3, 1 << 20));
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);

        var put = store.Put(new() { Name = "t", Path = scratch.Path("tree") });

        put.Stored.ShouldBeLessThan((1 << 20) + (2 << 20) - (300 << 10));
        Restored(store, scratch, put.Checkpoint.Id).ShouldBe(Tree.Describe(scratch.Path("tree")));
    }

    [Fact]
    public void Names_of_checkpoints_and_compressions_are_checked()
    {
        using var scratch = new Scratch();
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);

        foreach (var name in (string[])["", "a/b", "-x", "a b", new('x', 101)])
        {
            Should.Throw<StoreException>(() => store.Put(new() { Name = name, Path = scratch.Root })).Message.ShouldContain("letters");
        }

        Should.Throw<FormatException>(() => CompressionChoice.Parse("zip")).Message.ShouldContain("none, gzip, brotli, zstd, lz4");
        Should.Throw<FormatException>(() => CompressionChoice.Parse("zstd:99")).Message.ShouldContain("-7 to 19");
        CompressionChoice.Parse("gzip:6").ToString().ShouldBe("gzip:6");
        Should.Throw<StoreException>(() => store.Put(new() { Name = "x", Path = scratch.Root })).Message.ShouldContain("lie in each other");
        Should.Throw<NoSuchCheckpointException>(() => store.Put(new() { Name = "x", Path = scratch.Path("missing") }));
    }

    private static string Restored(ChunkStore store, Scratch scratch, string id)
    {
        var target = scratch.NewTarget();
        store.Get(id, target);
        return Tree.Describe(target);
    }

    private static void Grow(string directory, Random random, int depth)
    {
        string[] odd = ["a\nline", "with blank", "ü-ß-日本", "-dash", "*?[x]", "quote'\"", "back\\slash", ".hidden", "tab\there", "..."];
        for (var number = random.Next(3, 8); number > 0; number--)
        {
            var path = Path.Combine(directory, random.Next(2) == 0 ? odd[random.Next(odd.Length)] + number.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"f{number}"));
            switch (random.Next(10))
            {
                case 0 or 1 when depth < 3:
                    Directory.CreateDirectory(path);
                    Grow(path, random, depth + 1);
                    File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | (random.Next(2) == 0 ? UnixFileMode.UserWrite : UnixFileMode.GroupRead));
                    break;
                case 2:
                    File.CreateSymbolicLink(path, random.Next(2) == 0 ? "nowhere/at all" : ".");
                    break;
                case 3:
                    File.WriteAllBytes(path, []);
                    break;
                case 4:
                    using (var sparse = File.Create(path))
                    {
                        sparse.SetLength(random.NextInt64(1L << 24));
                        sparse.Position = random.NextInt64(sparse.Length + 1);
                        sparse.Write(Scratch.Noise(number, random.Next(5000)));
                    }

                    break;
                case 5:
                    File.WriteAllBytes(path, Scratch.Noise(random.Next(), random.Next(4 << 20)));
                    break;
                case 6:
                    File.WriteAllBytes(path, new byte[random.Next(3 << 20)]);
                    break;
                default:
                    File.WriteAllText(path, string.Join('\n', Enumerable.Repeat("step " + number, random.Next(20_000))));
                    File.SetUnixFileMode(path, UnixFileMode.UserRead | (UnixFileMode)random.Next(0x80));
                    break;
            }
        }

        File.SetLastWriteTimeUtc(directory, DateTime.UnixEpoch.AddSeconds(random.Next()));
    }

    /// <summary>Files that were just written look an hour old to it.</summary>
    private sealed class Later : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + TimeSpan.FromHours(1);
    }

    private sealed class Look(Action look) : IProgress<StoreProgress>
    {
        public void Report(StoreProgress value) => look();
    }
}
