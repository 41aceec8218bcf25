using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Storing;
using Orchestrator.CheckpointStore.Tests.Simulated;
using Orchestrator.Core.Checkpoints;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>Several processes and nodes on one store.</summary>
public sealed class SharingTests
{
    [Fact]
    public void What_a_writer_refers_to_survives_a_collection_beside_it()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(), create: true);
        scratch.Write("one/shared", Scratch.Noise(1, 50_000));
        scratch.Write("other/x", "x");
        scratch.Write("two/shared", Scratch.Noise(1, 50_000));
        scratch.Write("two/new", "new");
        var first = store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        store.Put(new() { Name = "c", Path = scratch.Path("other") });
        CollectResult? beside = null;

        // The writer has met the chunk of the first one; then that goes, and its space is collected; then the writer commits.
        var put = store.Put(new()
        {
            Name = "d",
            Path = scratch.Path("two"),
            Progress = new Once(() =>
            {
                var pruner = ChunkStore.Open(files, scratch.Options(process: 2, host: "node-2"));
                pruner.Prune([first]).Gone.ShouldBe([first]);
                beside = pruner.Collect();
            }),
        });

        beside!.Waiting.ShouldBeGreaterThan(50_000);
        beside.Freed.ShouldBe(0);
        beside.WaitFor.ShouldHaveSingleItem();
        store.Collect();
        store.Collect().Waiting.ShouldBe(0);
        var target = scratch.NewTarget();
        store.Get(put.Checkpoint.Id, target);
        Tree.Describe(target).ShouldBe(Tree.Describe(scratch.Path("two")));
    }

    [Fact]
    public void Who_comes_after_a_condemnation_stores_anew_what_is_about_to_go()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(), create: true);
        scratch.Write("one/shared", Scratch.Noise(1, 50_000));
        scratch.Write("other/x", "x");
        var first = store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        store.Put(new() { Name = "c", Path = scratch.Path("other") });
        using (StoreLease.Take(files, scratch.Options(process: 5), LeaseKind.Write))
        {
            store.Prune([first]);
            store.Collect().Waiting.ShouldBeGreaterThan(50_000);
            store.Put(new() { Name = "d", Path = scratch.Path("one") }).NewChunks.ShouldBe(1);
        }

        store.Collect().Freed.ShouldBeGreaterThan(50_000);
        store.Verify().Damaged.ShouldBeEmpty();
    }

    [Fact]
    public void A_checkpoint_that_is_being_restored_is_not_pruned()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(), create: true);
        scratch.Write("one/a", "a");
        var first = store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        store.Put(new() { Name = "c", Path = scratch.Path("one") });

        using (StoreLease.Take(files, scratch.Options(process: 7, host: "node-9"), LeaseKind.Read, first))
        {
            store.Prune([first]).Kept[first].ShouldContain("node-9, process 7");
        }

        store.Prune([first]).Gone.ShouldBe([first]);
    }

    [Fact]
    public void Pinned_ones_and_the_newest_proven_one_of_a_name_stay_whatever_is_asked()
    {
        using var scratch = new Scratch();
        var store = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        scratch.Write("one/a", "a");
        var ids = Enumerable.Range(0, 5).Select(_ => store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id).ToList();
        store.Pin(ids[0], true);
        store.Prove(ids[1]);
        store.Prove(ids[2]);

        var pruned = store.Prune(ids);

        pruned.Gone.ShouldBe([ids[1], ids[3], ids[4]]);
        pruned.Kept[ids[0]].ShouldContain("pinned");
        pruned.Kept[ids[2]].ShouldContain("newest proven");
        store.Pin(ids[0], false);
        store.Prove(ids[2], false);
        store.Prune(ids).Gone.ShouldBe([ids[0]]);
        store.List().ShouldHaveSingleItem().Id.ShouldBe(ids[2]);
    }

    [Fact]
    public void Retention_keeps_the_newest_of_each_period()
    {
        var start = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
        var all = Enumerable.Range(0, 365 * 4).Select(number => Summary("c", number, start.AddHours(6 * number))).ToList();

        string[] Stay(Retention retention) => [.. all.Select(checkpoint => checkpoint.Id).Except(retention.Excess(all))];

        Stay(new() { Last = 24 }).Length.ShouldBe(24);
        Stay(new() { Daily = 7 }).Length.ShouldBe(7);
        Stay(new() { Weekly = 4 }).Length.ShouldBe(4);
        Stay(new() { Monthly = 6 }).Length.ShouldBe(6);
        var kept = Stay(new() { Last = 24, Daily = 7, Weekly = 4, Monthly = 6 });
        kept.Length.ShouldBeInRange(24 + 3, 24 + 7 + 4 + 6);
        kept[^1].ShouldBe(all[^1].Id);
    }

    [Fact]
    public void A_quota_is_kept_by_pruning_what_may_go_then_by_a_smaller_kind_then_it_is_refused()
    {
        using var scratch = new Scratch();
        var store = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        for (var number = 0; number < 4; number++)
        {
            scratch.Write($"s{number}/restart", Scratch.Noise(number, 10_000));
            scratch.Write($"s{number}/large", Scratch.Noise(100 + number, 90_000));
        }

        PutRequest Request(int number) => new()
        {
            Name = "c",
            Path = scratch.Path($"s{number}"),
            Quota = 215_000,
            Critical = ["restart"],
            MakeRoom = all => all.Take(1).Select(checkpoint => checkpoint.Id),
            Smaller = [CheckpointKind.CriticalState],
        };

        var first = store.Put(Request(0));
        store.Prove(first.Checkpoint.Id);
        var second = store.Put(Request(1));
        var third = store.Put(Request(2));
        third.Checkpoint.Kind.ShouldBe(CheckpointKind.CriticalState);
        third.Pruned.ShouldBeEmpty();

        store.Prove(second.Checkpoint.Id);
        var fourth = store.Put(Request(3));
        fourth.Checkpoint.Kind.ShouldBe(CheckpointKind.Full);
        fourth.Pruned.ShouldBe([first.Checkpoint.Id]);

        Should.Throw<StoreFullException>(() => store.Put(Request(0) with { Quota = 100, MakeRoom = null })).Message.ShouldContain("may have 100 bytes");
        store.Verify().Damaged.ShouldBeEmpty();
    }

    [Fact]
    public void A_process_of_another_node_counts_as_dead_only_after_the_time_by_the_clock_of_the_file_system()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(), create: true);
        scratch.Write("one/a", "a");
        store.Put(new() { Name = "c", Path = scratch.Path("one") });
        var other = StoreLease.Take(files, scratch.Options(process: 2, host: "node-2"), LeaseKind.Write);

        files.Clock += TimeSpan.FromMinutes(14);
        store.Collect();
        other.IsLost.ShouldBeFalse();
        files.Touch("leases/" + other.Id + ".lease").ShouldBeTrue();
        files.Clock += TimeSpan.FromMinutes(14);
        store.Collect();
        other.IsLost.ShouldBeFalse();
        files.Clock += TimeSpan.FromMinutes(2);
        store.Collect();

        other.IsLost.ShouldBeTrue();
    }

    [Fact]
    public void A_writer_that_was_taken_for_dead_does_not_commit()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(host: "node-2"), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 1000));

        var lost = Should.Throw<StoreException>(() => store.Put(new()
        {
            Name = "c",
            Path = scratch.Path("one"),
            Progress = new Once(() =>
            {
                files.Clock += TimeSpan.FromHours(1);
                ChunkStore.Open(files, scratch.Options()).Collect();
            }),
        }));

        lost.Message.ShouldContain("lease");
        store.List().ShouldBeEmpty();
    }

    [Fact]
    public void On_a_file_system_that_shows_late_what_is_condemned_goes_no_sooner_than_others_can_know_it()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles { ShowsLate = true };
        var store = ChunkStore.Open(files, scratch.Options(), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 40_000));
        var first = store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        scratch.Write("one/a", Scratch.Noise(2, 40_000));
        store.Put(new() { Name = "c", Path = scratch.Path("one") });
        store.Prune([first]);

        store.Collect().ShouldSatisfyAllConditions(early => early.Freed.ShouldBe(0), early => early.Waiting.ShouldBeGreaterThan(40_000));
        files.Clock += TimeSpan.FromMinutes(1);
        store.Collect().Freed.ShouldBe(0);
        files.Clock += TimeSpan.FromMinutes(2);

        store.Collect().Freed.ShouldBeGreaterThan(40_000);
        store.Verify().Damaged.ShouldBeEmpty();
    }

    [Fact]
    public void A_full_disk_without_a_policy_gives_garbage_back_before_it_refuses()
    {
        using var scratch = new Scratch();
        var store = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 40_000));
        var first = store.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        scratch.Write("one/a", Scratch.Noise(2, 40_000));
        store.Put(new() { Name = "c", Path = scratch.Path("one") });
        store.Prune([first]);
        scratch.Write("one/a", Scratch.Noise(3, 40_000));

        store.Put(new() { Name = "c", Path = scratch.Path("one"), Quota = 100_000 }).NewChunks.ShouldBe(1);
    }

    [Fact]
    public async Task A_flusher_goes_on_after_whatever_one_checkpoint_meets()
    {
        using var scratch = new Scratch();
        var near = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        var far = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 4000));
        var ids = Enumerable.Range(0, 2).Select(_ => near.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id).ToList();
        var (told, done) = (new List<Exception>(), new List<string>());
        var once = true;

        await using var flusher = new TierFlusher(near, () => far, slots: 1, flushed =>
        {
            if (once)
            {
                once = false;
                throw new InvalidOperationException("nobody foresaw this");
            }

            done.Add(flushed.Id);
        }, (_, failure) => told.Add(failure));
        flusher.Add(ids[0]);
        flusher.Add(ids[1]);
        await flusher.FinishAsync();

        told.ShouldHaveSingleItem().Message.ShouldBe("nobody foresaw this");
        done.ShouldNotBeEmpty();
        ids.ShouldAllBe(id => far.Contains(id));
    }

    [Fact]
    public void The_lease_of_a_dead_one_that_another_took_meanwhile_is_not_removed()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(process: 1), create: true);
        StoreLease? newer = null;
        _ = StoreLease.TryTakeOnly(files, scratch.Options(process: 2), LeaseKind.Collect, "collect");
        scratch.Dead.Add(2);
        var slow = scratch.Options(process: 1) with
        {
            NewSuffix = () =>
            {
                // Between its look and the removal another one removes the dead one's and takes its place.
                newer ??= StoreLease.TryTakeOnly(files, scratch.Options(process: 3), LeaseKind.Collect, "collect");
                return "00ff00ff";
            },
        };

        StoreLease.Living(files, slow);

        newer.ShouldNotBeNull().IsLost.ShouldBeFalse();
        Should.Throw<StoreBusyException>(() => store.Collect());
    }

    [Fact]
    public void Only_one_collects_at_a_time()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var store = ChunkStore.Open(files, scratch.Options(), create: true);
        using (StoreLease.TryTakeOnly(files, scratch.Options(process: 3), LeaseKind.Collect, "collect"))
        {
            Should.Throw<StoreBusyException>(() => store.Collect());
        }

        store.Collect();
    }

    [Fact]
    public async Task Writers_readers_and_collectors_at_once_harm_nobody()
    {
        using var scratch = new Scratch();
        var cancel = TestContext.Current.CancellationToken;
        var shared = Scratch.Noise(1, 300_000);
        var opened = ChunkStore.Open(new DirectoryFiles(scratch.Store), create: true);
        scratch.Write("base/shared", shared);
        opened.Put(new() { Name = "base", Path = scratch.Path("base") });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Factory.StartNew(
            () =>
            {
                var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), new() { Workers = writer % 2 });
                for (var round = 0; round < 8; round++)
                {
                    scratch.Write($"w{writer}/shared", shared);
                    scratch.Write($"w{writer}/each", Scratch.Noise((writer * 100) + round, 200_000));
                    scratch.Write($"w{writer}/round", Scratch.Noise(1000 + round, 100_000));
                    var put = store.Put(new() { Name = $"w{writer}", Path = scratch.Path($"w{writer}") });
                    var target = scratch.Path($"restored-{writer}-{round}");
                    store.Get(put.Checkpoint.Id, target);
                    Tree.Describe(target).ShouldBe(Tree.Describe(scratch.Path($"w{writer}")));
                    Directory.Delete(target, recursive: true);
                    store.Prune(new Retention { Last = 1 }.Excess([.. store.List().Where(checkpoint => checkpoint.Name == $"w{writer}")]));
                    try
                    {
                        store.Collect(cancel);
                    }
                    catch (StoreBusyException)
                    {
                        // Another one collects.
                    }
                }
            },
            cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        opened.Collect(cancel);
        opened.Collect(cancel);
        var verified = opened.Verify(cancellationToken: cancel);
        verified.Damaged.ShouldBeEmpty();
        verified.Findings.ShouldBeEmpty();
        verified.Intact.Count.ShouldBe(5);
        opened.Measure().Stored.ShouldBeLessThan((300_000 + (4 * 200_000) + 100_000) * 2);
    }

    [Fact]
    public async Task A_tier_that_hangs_when_it_is_opened_holds_up_nobody_and_gets_all_once_it_answers()
    {
        using var scratch = new Scratch();
        var near = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        var far = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        using var answers = new ManualResetEventSlim();
        var (token, failures) = (TestContext.Current.CancellationToken, new List<Exception>());
        await using var flusher = new TierFlusher(near, () =>
        {
            answers.Wait(token);
            return far;
        }, slots: 1, failed: (_, failure) => failures.Add(failure));
        scratch.Write("one/a", Scratch.Noise(1, 4000));

        // While it hangs checkpoints are made and handed over as if nothing were.
        var ids = Enumerable.Range(0, 3).Select(_ => near.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id).ToList();
        ids.ForEach(flusher.Add);
        ids.ShouldAllBe(id => near.Contains(id) && !far.Contains(id));

        answers.Set();
        await flusher.FinishAsync();
        failures.ShouldBeEmpty();
        ids.ShouldAllBe(id => far.Contains(id));
    }

    [Fact]
    public async Task What_a_tier_did_not_take_is_offered_again_though_no_other_checkpoint_comes()
    {
        using var scratch = new Scratch();
        var near = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        var far = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 4000));
        var (clock, isAway) = (new HandTimer(), true);
        var flushed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var flusher = new TierFlusher(
            near,
            () => Volatile.Read(ref isAway) ? throw new IOException("the archive is away") : far,
            slots: 1,
            result => flushed.SetResult(result.Id),
            time: clock);

        var last = near.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id;
        flusher.Add(last);
        var ring = await clock.Armed.WaitAsync(TestContext.Current.CancellationToken);
        flushed.Task.IsCompleted.ShouldBeFalse();
        Volatile.Write(ref isAway, false);
        ring();

        (await flushed.Task.WaitAsync(TestContext.Current.CancellationToken)).ShouldBe(last);
        far.Contains(last).ShouldBeTrue();
    }

    [Fact]
    public async Task A_flusher_brings_checkpoints_to_another_store_where_they_restore_alone()
    {
        using var scratch = new Scratch();
        var near = ChunkStore.Open(new SimulatedFiles(), scratch.Options(), create: true);
        var far = ChunkStore.Open(new DirectoryFiles(scratch.Store), scratch.Options(), create: true);
        scratch.Write("one/a", Scratch.Noise(1, 50_000));
        var done = new List<FlushResult>();
        var ids = new List<string>();

        var flusher = new TierFlusher(near, () => far, slots: 1, done.Add);
        for (var number = 0; number < 3; number++)
        {
            scratch.Write("one/b", Scratch.Noise(number + 10, 10_000));
            ids.Add(near.Put(new() { Name = "c", Path = scratch.Path("one") }).Checkpoint.Id);
            flusher.Add(ids[^1]);
        }

        await flusher.FinishAsync();
        await flusher.DisposeAsync();

        done.Select(result => result.Id).Order(StringComparer.Ordinal).ShouldBe(ids);
        done.Sum(result => result.Chunks).ShouldBe(4);
        near.Flush(ids[0], far).Copied.ShouldBe(0);
        var target = scratch.NewTarget();
        far.Get(ids[2], target);
        Tree.Describe(target).ShouldBe(Tree.Describe(scratch.Path("one")));
    }

    [Fact]
    public void So_many_may_flush_at_once_and_no_more()
    {
        using var scratch = new Scratch();
        var files = new SimulatedFiles();
        var one = ChunkStore.Open(files, scratch.Options(process: 1), create: true);
        var two = ChunkStore.Open(files, scratch.Options(process: 2, host: "node-2"));

        using var first = FlushSlot.TryTake(one, 2);
        var second = FlushSlot.TryTake(two, 2);

        first.ShouldNotBeNull();
        second.ShouldNotBeNull();
        FlushSlot.TryTake(one, 2).ShouldBeNull();
        second.Dispose();
        FlushSlot.TryTake(one, 2).ShouldNotBeNull().Dispose();
    }

    private static CheckpointSummary Summary(string name, long sequence, DateTimeOffset at) => new()
    {
        Id = FormattableString.Invariant($"{name}-{sequence:D6}-x"),
        Name = name,
        Sequence = sequence,
        Checkpoint = new() { TakenAt = at, Kind = CheckpointKind.Full },
    };

    /// <summary>A timer that rings when it is told to.</summary>
    private sealed class HandTimer : TimeProvider
    {
        private readonly TaskCompletionSource<Action> armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Action> Armed => armed.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            armed.TrySetResult(() => callback(state));
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Once(Action action) : IProgress<StoreProgress>
    {
        private Action? action = action;

        public void Report(StoreProgress value)
        {
            var first = action;
            action = null;
            first?.Invoke();
        }
    }
}
