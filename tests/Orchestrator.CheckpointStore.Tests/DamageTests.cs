using System.Diagnostics;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.CheckpointStore.Tests.Simulated;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>What may happen to the files of a store: each is told clearly, and the checkpoint before restores.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly Scratch scratch = new();
    private readonly SimulatedFiles files = new();
    private readonly ChunkStore store;
    private readonly string first, second, firstText, secondText;
    private readonly HashSet<string> packsOfFirst;

    public DamageTests()
    {
        store = ChunkStore.Open(files, scratch.Options(), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 50_000));
        scratch.Write("two/a", Scratch.Noise(2, 50_000));
        scratch.Write("two/b", Scratch.Noise(3, 50_000));
        (firstText, secondText) = (Tree.Describe(scratch.Path("one")), Tree.Describe(scratch.Path("two")));
        first = store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        packsOfFirst = [.. files.All().Where(name => name.EndsWith(".pack", StringComparison.Ordinal))];
        second = store.Put(new() { Name = "c", Path = scratch.Path("two") }).Checkpoint.Id;
    }

    private string SecondPack => files.All().Single(name => name.EndsWith(".pack", StringComparison.Ordinal) && !packsOfFirst.Contains(name));

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_flipped_bit_is_told_and_the_next_checkpoint_heals_it()
    {
        var bytes = files.BytesOf(SecondPack).ToArray();
        bytes[30_000] ^= 4;
        files.Replace(SecondPack, bytes);

        TheSecondIsDamagedAndTheFirstRestores("bytes have changed").ShouldContain("a lacks 50000 bytes at 0");
        store.Put(new() { Name = "c", Path = scratch.Path("two") }).NewChunks.ShouldBe(1);

        Restored(second).ShouldBe(secondText);
        store.Verify().Damaged.ShouldBeEmpty();
    }

    [Fact]
    public void Verification_finds_a_flipped_bit_without_a_restore()
    {
        var bytes = files.BytesOf(SecondPack).ToArray();
        bytes[^10] ^= 1;
        files.Replace(SecondPack, bytes);

        var verified = store.Verify();

        verified.Damaged.Keys.ShouldBe([second]);
        verified.Intact.ShouldBe([first]);
        verified.Findings.ShouldContain(finding => finding.Contains("damaged"));
    }

    [Theory]
    [InlineData("pack")]
    [InlineData("checkpoint")]
    public void A_bad_sector_is_told_noted_by_nobody_and_the_checkpoint_before_restores(string what)
    {
        var bad = what == "pack" ? SecondPack : files.All().Single(name => name.EndsWith($"{second}.checkpoint", StringComparison.Ordinal));
        files.Unreadable[bad] = 5;

        var unreadable = Should.Throw<UnreadableCheckpointException>(() => store.Get(second, scratch.NewTarget()));
        var passedOver = new List<string>();
        var target = scratch.NewTarget();
        store.GetNewest("c", target, (id, _) => passedOver.Add(id)).Checkpoint.Id.ShouldBe(first);

        UnreadableCheckpointException.IsOfMedium(unreadable).ShouldBeTrue();
        unreadable.Message.ShouldContain("Input/output error");
        passedOver.ShouldBe([second]);
        store.List().Select(checkpoint => checkpoint.Id).ShouldBe([first, second]);
        store.Verify().Damaged.Keys.ShouldBe([second]);
        files.All().ShouldNotContain(name => name.EndsWith(".damaged", StringComparison.Ordinal));
        store.Put(new() { Name = "c", Path = scratch.Path("two") });
        files.Unreadable.Clear();
        Restored(second).ShouldBe(secondText);
    }

    [Fact]
    public void A_server_that_is_away_is_no_bad_sector()
    {
        files.Unreadable[SecondPack] = 116;

        UnreadableCheckpointException.IsOfMedium(Should.Throw<UnreadableCheckpointException>(() => store.Get(second, scratch.NewTarget()))).ShouldBeFalse();
        Should.Throw<UnreadableCheckpointException>(() => store.Flush(second, ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true)));
    }

    [Fact]
    public void A_store_that_cannot_be_written_restores_and_verifies()
    {
        files.IsClosed = true;

        Restored(second).ShouldBe(secondText);
        store.Verify().Damaged.ShouldBeEmpty();
    }

    [Fact]
    public void A_pack_that_was_cut_off_is_told()
    {
        files.Replace(SecondPack, files.BytesOf(SecondPack)[..^20_000]);

        TheSecondIsDamagedAndTheFirstRestores("the store does not have it");
        store.Verify().Findings.ShouldContain(finding => finding.EndsWith("is cut off"));
    }

    [Fact]
    public void A_missing_pack_is_told()
    {
        files.Delete(SecondPack);

        TheSecondIsDamagedAndTheFirstRestores("the store does not have it");
        store.Verify().Findings.ShouldContain(finding => finding.EndsWith("is missing"));
        store.Put(new() { Name = "c", Path = scratch.Path("two") }).NewChunks.ShouldBe(2);
        Restored(second).ShouldBe(secondText);
    }

    [Fact]
    public void An_index_that_is_missing_or_damaged_is_read_from_the_packs_and_made_again()
    {
        var segments = files.All().Where(name => name.EndsWith(".index", StringComparison.Ordinal)).ToList();
        files.Delete(segments[0]);
        var bytes = files.BytesOf(segments[1]).ToArray();
        bytes[^1] ^= 1;
        files.Replace(segments[1], bytes);

        Restored(first).ShouldBe(firstText);
        Restored(second).ShouldBe(secondText);
        store.Verify().Findings.ShouldHaveSingleItem().ShouldContain("is damaged");
        store.Collect().Rebuilt.ShouldBe(2);

        store.Verify().Findings.ShouldBeEmpty();
        Restored(second).ShouldBe(secondText);
        store.Put(new() { Name = "c", Path = scratch.Path("two") }).NewChunks.ShouldBe(0);
    }

    [Theory]
    [InlineData(0.3), InlineData(0.99), InlineData(0.0)]
    public void A_manifest_that_was_cut_off_is_told(double part)
    {
        var name = $"checkpoints/{second}.checkpoint";
        files.Replace(name, files.BytesOf(name)[..(int)(files.BytesOf(name).Length * part)]);

        TheSecondIsDamagedAndTheFirstRestores("manifest");
        Should.Throw<StoreException>(() => store.Collect()).Message.ShouldContain($"prune --id {second}");
        store.Prune([second]).Gone.ShouldBe([second]);
        store.Collect().Freed.ShouldBeGreaterThan(90_000);
        Restored(first).ShouldBe(firstText);
    }

    [Fact]
    public void A_manifest_with_a_flipped_bit_is_told()
    {
        var name = $"checkpoints/{second}.checkpoint";
        var bytes = files.BytesOf(name).ToArray();
        bytes[bytes.Length / 2] ^= 1;
        files.Replace(name, bytes);

        TheSecondIsDamagedAndTheFirstRestores("manifest");
    }

    [Fact]
    public void A_torn_pack_of_a_crashed_writer_does_not_take_the_place_of_a_good_one()
    {
        var torn = files.BytesOf(SecondPack).ToArray();
        torn.AsSpan(10_000, 20_000).Clear();
        files.Replace("packs/a-crashed-00000.pack", torn);

        store.Collect();
        store.Collect();

        Restored(second).ShouldBe(secondText);
        files.All().ShouldNotContain("packs/a-crashed-00000.pack");
        store.Verify().Findings.ShouldBeEmpty();
    }

    [Fact]
    public void One_who_reads_wrongly_does_not_condemn_good_bytes_and_damaged_ones_are_kept_as_long_as_they_are_needed()
    {
        var (pack, good) = (SecondPack, files.BytesOf(SecondPack));
        var bad = good.ToArray();
        bad[30_000] ^= 4;
        bad[^10] ^= 4;
        files.Replace(pack, bad);
        store.Verify().Damaged.Keys.ShouldBe([second]);
        store.Collect();
        store.Collect();
        files.All().ShouldContain(pack);

        files.Replace(pack, good);
        store.Collect();

        Restored(second).ShouldBe(secondText);
        store.Verify().Findings.ShouldBeEmpty();
        files.All().ShouldNotContain(name => name.EndsWith(".damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void Damaged_files_of_collection_and_of_notes_stop_no_restore_and_no_checkpoint()
    {
        files.Replace("index/x.damaged", "{"u8.ToArray());
        Restored(second).ShouldBe(secondText);
        store.Collect();
        files.Replace("index/x.condemned", "{"u8.ToArray());

        Restored(second).ShouldBe(secondText);
        store.Put(new() { Name = "c", Path = scratch.Path("two") }).NewChunks.ShouldBe(2);
        Should.Throw<StoreException>(() => store.Collect()).Message.ShouldContain("x.condemned");
        store.Verify().Findings.Count.ShouldBe(2);
    }

    [Fact]
    public void The_newest_proven_one_stays_however_long_its_path_is()
    {
        var part = new string('ж', 120);
        scratch.Write($"{part}/{part}/{part}/a", "a");
        var proven = store.Put(new() { Name = "long", Path = scratch.Path($"{part}/{part}/{part}") }).Checkpoint.Id;
        store.Put(new() { Name = "long", Path = scratch.Path($"{part}/{part}/{part}") });
        store.Prove(proven);

        store.List().ShouldAllBe(checkpoint => checkpoint.Checkpoint != null);
        store.Prune([proven]).Kept.Keys.ShouldBe([proven]);
    }

    [Fact]
    public void A_manifest_that_leads_through_a_link_writes_nothing_outside()
    {
        var outside = Directory.CreateDirectory(scratch.Path("outside")).FullName;
        var manifest = store.ReadManifest(second);
        var link = new StoredEntry { Path = "d", Type = StoredEntryType.Link, Target = outside };
        var through = manifest.Entries.First(entry => entry.Path == "a") with { Path = "d/a" };
        files.Replace($"checkpoints/{second}.checkpoint", (manifest with { Entries = [.. manifest.Entries, link, through] }).Write());

        TheSecondIsDamagedAndTheFirstRestores("lies in no directory");
        Directory.EnumerateFileSystemEntries(outside).ShouldBeEmpty();
    }

    [Fact]
    public void Foreign_files_are_named_and_left_alone()
    {
        string[] foreign = ["packs/readme.txt", "index/notes", "checkpoints/mine.checkpoint", "checkpoints/c.tar"];
        foreach (var name in foreign)
        {
            files.Replace(name, [1, 2, 3]);
        }

        files.Replace("packs/x.pack", [1, 2, 3]);
        store.Verify().Findings.Count.ShouldBe(4);
        store.Collect();
        store.Prune([first]);
        store.Collect();

        foreign.ShouldBeSubsetOf(files.All());
        Restored(second).ShouldBe(secondText);
    }

    [Fact]
    public void A_clock_that_was_set_back_changes_no_order()
    {
        var past = new PastTime();
        var later = ChunkStore.Open(files, scratch.Options(time: past)).Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint;

        later.TakenAt.ShouldBeLessThan(DateTimeOffset.UnixEpoch.AddYears(1));
        store.List()[^1].Id.ShouldBe(later.Id);
        store.GetNewest("c", scratch.NewTarget()).Checkpoint.Id.ShouldBe(later.Id);
    }

    [Fact]
    public void A_directory_that_is_something_else_is_refused()
    {
        var other = new SimulatedFiles();
        other.Replace("thesis.tex", [1]);

        Should.Throw<StoreException>(() => ChunkStore.Open(other, create: true)).Message.ShouldContain("thesis.tex");
        Should.Throw<NoSuchCheckpointException>(() => ChunkStore.Open(new SimulatedFiles())).Message.ShouldContain("no checkpoint store");
        other = new();
        other.Replace("store.json", """{"format":"orchestrator checkpoint store","version":9}"""u8.ToArray());
        Should.Throw<StoreException>(() => ChunkStore.Open(other, create: true)).Message.ShouldContain("version 9");
        other.Replace("store.json", "{"u8.ToArray());
        Should.Throw<StoreException>(() => ChunkStore.Open(other)).Message.ShouldContain("damaged");
    }

    [Fact]
    public async Task A_disk_that_is_really_full_is_told_and_the_checkpoint_before_restores()
    {
        var directory = Directory.CreateDirectory(scratch.Path("small")).FullName;
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory) != 0)
        {
            Assert.Skip("Mounting a small tmpfs is not permitted.");
        }

        try
        {
            var small = ChunkStore.Open(new DirectoryFiles(Path.Combine(directory, "store")), create: true);
            var id = small.Put(new() { Name = "c", Path = scratch.Path("one"), LeaveFree = 0 }).Checkpoint.Id;
            scratch.Write("large/noise", Scratch.Noise(9, 8 << 20));

            var full = Should.Throw<StoreFullException>(() => small.Put(new() { Name = "c", Path = scratch.Path("large"), LeaveFree = 0 }));

            full.Message.ShouldContain("full");
            small.Measure().Stored.ShouldBeLessThan(100_000);
            var target = scratch.NewTarget();
            small.Get(id, target);
            Tree.Describe(target).ShouldBe(firstText);
            small.Put(new() { Name = "c", Path = scratch.Path("two"), LeaveFree = 0 });
        }
        finally
        {
            await RunAsync("umount", directory);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }

    private string TheSecondIsDamagedAndTheFirstRestores(string reason)
    {
        var damage = Should.Throw<DamagedCheckpointException>(() => store.Get(second, scratch.NewTarget())).Message;
        damage.ShouldContain(reason);
        var passedOver = new List<string>();
        var target = scratch.NewTarget();
        store.GetNewest("c", target, (id, _) => passedOver.Add(id)).Checkpoint.Id.ShouldBe(first);
        passedOver.ShouldBe([second]);
        Tree.Describe(target).ShouldBe(firstText);
        Directory.EnumerateDirectories(scratch.Root, "*.partial").ShouldBeEmpty();
        return damage;
    }

    private string Restored(string id)
    {
        var target = scratch.NewTarget();
        store.Get(id, target);
        return Tree.Describe(target);
    }

    private sealed class PastTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
