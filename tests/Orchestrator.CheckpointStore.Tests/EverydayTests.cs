using System.Net.Sockets;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>What people name and store from day to day, and the answers that they get.</summary>
public sealed class EverydayTests : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_checkpoint_is_found_by_its_id_by_how_that_begins_and_as_the_newest_of_a_name()
    {
        var store = Open();
        scratch.Write("tree/a", "1");
        var first = store.Put(new() { Name = "control", Path = scratch.Path("tree") }).Checkpoint.Id;
        var second = store.Put(new() { Name = "control", Path = scratch.Path("tree") }).Checkpoint.Id;
        var other = store.Put(new() { Name = "other", Path = scratch.Path("tree") }).Checkpoint.Id;

        store.Find(first).ShouldBe(first);
        store.Find("control").ShouldBe(second);
        store.Find(other[..^1]).ShouldBe(other);
        Should.Throw<NoSuchCheckpointException>(() => store.Find("contro")).Message.ShouldBe($"'contro' may be any of {first}, {second}.");
        Should.Throw<NoSuchCheckpointException>(() => store.Find("none")).Message.ShouldBe($"There is no checkpoint 'none' in {scratch.Store}.");
        Should.Throw<NoSuchCheckpointException>(() => store.Show("none-1")).Message.ShouldContain("There is no checkpoint none-1");
        Should.Throw<NoSuchCheckpointException>(() => store.Pin("none-1", pinned: true)).Message.ShouldContain("There is no checkpoint none-1");
    }

    [Fact]
    public void A_file_that_changes_while_it_is_read_is_read_again_and_refused_by_name_when_it_never_stands_still()
    {
        var store = Open();
        var path = scratch.Write("tree/log", Scratch.Noise(1, 100_000));
        var writes = 1;
        PutRequest request = new() { Name = "c", Path = scratch.Path("tree"), Progress = new Each(Grow) };

        var stored = store.Put(request);
        stored.Checkpoint.Bytes.ShouldBe(100_001);
        Restored(store, stored.Checkpoint.Id).ShouldBe(Tree.Describe(scratch.Path("tree")));

        writes = int.MaxValue;
        Should.Throw<StoreException>(() => store.Put(request)).Message.ShouldBe($"{path} cannot be stored: it changed while it was read. Store it when nobody writes it.");
        store.List().Count.ShouldBe(1);

        void Grow()
        {
            if (writes-- > 0)
            {
                File.AppendAllText(path, "!");
            }
        }
    }

    [Fact]
    public void A_link_that_is_named_is_followed_and_what_is_no_file_is_passed_over_and_told()
    {
        var store = Open();
        scratch.Write("real/a", "1");
        Directory.CreateSymbolicLink(scratch.Path("latest"), scratch.Path("real"));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(scratch.Path("real/socket")));

        var put = store.Put(new() { Name = "c", Path = scratch.Path("latest") });

        put.Skipped.ShouldBe(["socket"]);
        var target = scratch.NewTarget();
        store.Get(put.Checkpoint.Id, target);
        Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).ShouldBe(["a"]);
    }

    [Fact]
    public void A_restore_takes_an_empty_directory_and_refuses_one_that_holds_something()
    {
        var store = Open();
        scratch.Write("tree/a", "1");
        var id = store.Put(new() { Name = "c", Path = scratch.Path("tree") }).Checkpoint.Id;
        var empty = Directory.CreateDirectory(scratch.NewTarget()).FullName;

        store.Get(id, empty);
        File.ReadAllText(Path.Combine(empty, "a")).ShouldBe("1");
        Should.Throw<StoreException>(() => store.Get(id, empty)).Message.ShouldBe($"{empty} exists and is not empty; name a directory that is missing or empty.");
    }

    [Fact]
    public void The_critical_state_needs_to_be_named()
    {
        scratch.Write("tree/a", "1");
        Should.Throw<StoreException>(() => Open().Put(new() { Name = "c", Path = scratch.Path("tree"), Kind = CheckpointKind.CriticalState })).Message
            .ShouldBe("A checkpoint of the critical state needs to know which files those are.");
    }

    [Fact]
    public void A_lease_is_renewed_as_long_as_its_holder_works()
    {
        var timers = new HandTimers();
        var files = new DirectoryFiles(scratch.Store);
        ChunkStore.Open(files, scratch.Options(), create: true);
        using var lease = StoreLease.Take(files, scratch.Options(time: timers), LeaseKind.Write);
        var file = scratch.Path($"store/leases/{lease.FileName}");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);

        timers.Ring();

        File.GetLastWriteTimeUtc(file).ShouldBeGreaterThan(DateTime.UnixEpoch.AddYears(50));
        File.WriteAllBytes(file, []);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        timers.Ring();
        File.GetLastWriteTimeUtc(file).ShouldBeGreaterThan(DateTime.UnixEpoch.AddYears(50), "on a full disk it stays empty, and is dated all the same");
        lease.IsLost.ShouldBeFalse();
    }

    [Fact]
    public async Task A_checkpoint_that_stayed_in_place_is_copied_whole_or_it_is_told_what_is_wrong_with_it()
    {
        var directory = Path.GetDirectoryName(scratch.Write("runs/step-1/deep/state", "whole"))!;
        directory = Path.GetDirectoryName(directory)!;
        var made = await CheckpointFiles.SealAsync(directory, TestContext.Current.CancellationToken);
        var record = new CheckpointRecord { Name = "e1/step-1", Path = "runs/step-1.manifest", ManifestHash = made.ManifestHash };

        var target = scratch.NewTarget();
        (await CheckpointFiles.CopyAsync(scratch.Root, record, target, TestContext.Current.CancellationToken)).ShouldBeNull();
        File.ReadAllText(Path.Combine(target, "deep/state")).ShouldBe("whole");

        File.WriteAllText(Path.Combine(directory, "deep/state"), "other");
        var second = scratch.NewTarget();
        (await CheckpointFiles.CopyAsync(scratch.Root, record, second, TestContext.Current.CancellationToken)).ShouldBe("The bytes of its file deep/state have changed.");
        Directory.Exists(second).ShouldBeFalse();
        (await CheckpointFiles.FindDamageAsync(scratch.Root, record with { ManifestHash = "0" }, TestContext.Current.CancellationToken)).ShouldBe("Its manifest is not the one that the catalogue knows.");

        CheckpointFiles.Delete(scratch.Root, record);
        CheckpointFiles.Delete(scratch.Root, record);
        CheckpointFiles.Delete(scratch.Root, record with { Path = "gone/step-1.manifest" });
        Directory.EnumerateFileSystemEntries(scratch.Path("runs")).ShouldBeEmpty();
    }

    private ChunkStore Open() => ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);

    private string Restored(ChunkStore store, string id)
    {
        var target = scratch.NewTarget();
        store.Get(id, target);
        return Tree.Describe(target);
    }

    private sealed class Each(Action act) : IProgress<StoreProgress>
    {
        public void Report(StoreProgress value) => act();
    }

    /// <summary>Timers that ring when they are told to.</summary>
    private sealed class HandTimers : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State)> timers = [];

        public void Ring() => timers.ForEach(static timer => timer.Callback(timer.State));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timers.Add((callback, state));
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
