using System.Diagnostics;
using System.Globalization;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Tests.Simulated;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>A crash at every single operation, not at some of them.</summary>
public sealed class CrashTests
{
    public static TheoryData<CrashOutcome> Outcomes() => [.. Enum.GetValues<CrashOutcome>()];

    [Theory, MemberData(nameof(Outcomes))]
    public void Whatever_a_crash_at_any_operation_leaves_all_that_was_committed_restores_and_the_next_checkpoint_succeeds_and_nothing_leaks(CrashOutcome outcome)
    {
        using var scratch = new Scratch();
        var sources = Enumerable.Range(0, 6).Select(number => Source(scratch, number)).ToList();
        var texts = sources.Select(source => Tree.Describe(source)).ToList();
        var before = new SimulatedFiles();
        var store = ChunkStore.Open(before, scratch.Options(), create: true);
        var first = store.Put(new() { Name = "c", Path = sources[0] }).Checkpoint.Id;
        var second = store.Put(new() { Name = "c", Path = sources[1] }).Checkpoint.Id;
        before = before.Clone();
        var whole = before.Clone();
        Work(whole, scratch, sources, first, [], []);
        var operations = whole.Operations;
        operations.ShouldBeGreaterThan(60);

        for (var operation = 0; operation < operations; operation++)
        {
            var files = before.Clone();
            files.DiesAt = operation;
            var committed = new Dictionary<string, int> { [first] = 0, [second] = 1 };
            var pruned = new HashSet<string>();
            Should.Throw<MachineDiedException>(() => Work(files, scratch, sources, first, committed, pruned));

            var after = files.AfterCrash(outcome, operation);
            scratch.Dead.Add(2);
            var reopened = ChunkStore.Open(after, scratch.Options(process: 3), create: true);
            var listed = reopened.List().Select(checkpoint => checkpoint.Id).ToList();
            committed.Keys.Where(id => !pruned.Contains(id) && !listed.Contains(id)).ShouldBeEmpty($"operation {operation}");
            foreach (var id in listed)
            {
                // What was being committed may be there or not; when it is, then whole.
                Restores(reopened, scratch, id, committed.TryGetValue(id, out var number) ? [texts[number]] : texts, operation);
            }

            var next = reopened.Put(new() { Name = "c", Path = sources[5] }).Checkpoint.Id;
            Restores(reopened, scratch, next, [texts[5]], operation);
            listed.ForEach(id => reopened.Pin(id, false));
            reopened.Prune(listed).Kept.ShouldBeEmpty();
            reopened.Collect();
            reopened.Collect();
            Restores(reopened, scratch, next, [texts[5]], operation);
            NothingLeaks(after, reopened, next, operation);
            scratch.Dead.Clear();
        }
    }

    [Fact]
    public async Task A_process_killed_at_any_write_leaves_the_last_checkpoint_restorable_and_the_next_succeeds()
    {
        using var scratch = new Scratch();
        var (one, two) = (Source(scratch, 0), Source(scratch, 1));
        var text = Tree.Describe(one);
        var store = ChunkStore.Open(new DirectoryFiles(scratch.Store), create: true);
        var first = store.Put(new() { Name = "c", Path = one }).Checkpoint.Id;

        var killed = 0L;
        for (var operations = long.MaxValue; killed < operations; killed += 2)
        {
            // Two at once: they also are two writers.
            var ended = await Task.WhenAll(RunAsync(scratch, two, killed), RunAsync(scratch, two, killed + 1));
            foreach (var (status, output) in ended)
            {
                (status is 137 or 0).ShouldBeTrue($"status {status} at {killed}");
                if (status == 0)
                {
                    operations = Math.Min(operations, long.Parse(output, CultureInfo.InvariantCulture));
                }
            }

            var target = scratch.NewTarget();
            store.Get(first, target);
            Tree.Describe(target).ShouldBe(text);
            foreach (var checkpoint in store.List().Where(checkpoint => checkpoint.Id != first))
            {
                store.Verify(checkpoint.Id).Damaged.ShouldBeEmpty();
                store.Pin(first, true);
            }
        }

        killed.ShouldBeGreaterThan(15);
        var next = store.Put(new() { Name = "c", Path = one }).Checkpoint.Id;
        store.Pin(first, false);
        store.Prune(store.List().Select(checkpoint => checkpoint.Id).Where(id => id != next));
        foreach (var half in Directory.EnumerateFiles(Path.Combine(scratch.Store, "leases")))
        {
            // Of one that was killed while it wrote it nobody can be seen; its age tells.
            File.SetLastWriteTimeUtc(half, DateTime.UnixEpoch);
        }

        store.Collect();
        store.Verify().Findings.ShouldBeEmpty();
        var measured = store.Measure();
        measured.Leases.ShouldBe(0);
        measured.Checkpoints.ShouldBe(1);
        measured.Stored.ShouldBeLessThan(2 * measured.Logical);
    }

    [Fact]
    public void A_full_disk_at_any_write_is_told_and_takes_nothing_away()
    {
        using var scratch = new Scratch();
        var (one, two) = (Source(scratch, 0), Source(scratch, 1));
        var text = Tree.Describe(one);
        var before = new SimulatedFiles();
        var first = ChunkStore.Open(before, scratch.Options(), create: true).Put(new() { Name = "c", Path = one }).Checkpoint.Id;
        var counted = new InterruptedFiles(before.Clone(), -1, () => { });
        ChunkStore.Open(counted, scratch.Options()).Put(new() { Name = "c", Path = two });

        var refusals = 0;
        for (var operation = 0L; operation < 2 * counted.Operations; operation++)
        {
            // Full from there on, or only once: then it is tried again after a collection.
            var files = before.Clone();
            var lasts = operation < counted.Operations;
            var full = new InterruptedFiles(files, operation % counted.Operations, () => throw new IOException("No space left on device", 28), lasts);
            try
            {
                ChunkStore.Open(full, scratch.Options()).Put(new() { Name = "c", Path = two });
            }
            catch (StoreFullException refused)
            {
                refused.Message.ShouldContain("No space left");
                refusals++;
            }

            var store = ChunkStore.Open(files, scratch.Options(process: 2));
            Restores(store, scratch, first, [text], (int)operation);
            store.Verify().Damaged.ShouldBeEmpty($"operation {operation}");
            store.Put(new() { Name = "c", Path = two }).Checkpoint.Files.ShouldBe(3);
        }

        refusals.ShouldBeInRange(5, (int)counted.Operations);
    }

    [Fact]
    public void On_a_full_disk_at_any_write_of_a_collection_what_is_needed_stays_and_the_next_one_gives_all_back()
    {
        using var scratch = new Scratch();
        var (one, two) = (Source(scratch, 0), Source(scratch, 1));
        scratch.Write("source-1/large", Scratch.Noise(9, 300_000));
        var text = Tree.Describe(two);
        var before = new SimulatedFiles();
        var store = ChunkStore.Open(before, scratch.Options(), create: true);
        var first = store.Put(new() { Name = "c", Path = one }).Checkpoint.Id;
        var second = store.Put(new() { Name = "c", Path = two }).Checkpoint.Id;
        File.Delete(scratch.Path("source-1/large"));
        text = Tree.Describe(two);
        var third = store.Put(new() { Name = "c", Path = two }).Checkpoint.Id;
        store.Prune([first, second]).Gone.Count.ShouldBe(2);
        var counted = new InterruptedFiles(before.Clone(), -1, () => { });
        ChunkStore.Open(counted, scratch.Options()).Collect().Freed.ShouldBeGreaterThan(300_000);

        for (var operation = 0L; operation < counted.Operations; operation++)
        {
            var files = before.Clone();
            var full = new InterruptedFiles(files, operation, () => throw new IOException("No space left on device", 28), lasts: true);
            try
            {
                ChunkStore.Open(full, scratch.Options()).Collect();
            }
            catch (IOException told)
            {
                told.Message.ShouldContain("No space left");
            }

            // Its lease may be left, empty.
            files.Clock += TimeSpan.FromHours(1);
            scratch.Dead.Add(1);
            var after = ChunkStore.Open(files, scratch.Options(process: 2));
            Restores(after, scratch, third, [text], (int)operation);
            after.Collect();
            after.Collect();
            NothingLeaks(files, after, third, (int)operation);
            Restores(after, scratch, third, [text], (int)operation);
            scratch.Dead.Clear();
        }
    }

    [Fact]
    public void A_writer_that_fails_at_any_write_takes_nothing_from_another_that_began_meanwhile()
    {
        using var scratch = new Scratch();
        var (one, two) = (Source(scratch, 0), Source(scratch, 1));
        var text = Tree.Describe(two);
        var before = new SimulatedFiles();
        ChunkStore.Open(before, scratch.Options(), create: true).Put(new() { Name = "c", Path = one });
        var counted = new InterruptedFiles(before.Clone(), -1, () => { });
        ChunkStore.Open(counted, scratch.Options()).Put(new() { Name = "c", Path = two });

        for (var operation = 0L; operation < counted.Operations; operation++)
        {
            var files = before.Clone();
            var other = "";
            var failing = new InterruptedFiles(files, operation, () =>
            {
                other = ChunkStore.Open(files, scratch.Options(process: 3)).Put(new() { Name = "other", Path = two }).Checkpoint.Id;
                throw new IOException("Input/output error", 5);
            });
            Should.Throw<IOException>(() => ChunkStore.Open(failing, scratch.Options()).Put(new() { Name = "c", Path = two }));

            Restores(ChunkStore.Open(files, scratch.Options(process: 2)), scratch, other, [text], (int)operation);
        }
    }

    /// <summary>What a process does before it dies: it writes, prunes, collects, and writes again.</summary>
    private static void Work(SimulatedFiles files, Scratch scratch, List<string> sources, string first, Dictionary<string, int> committed, HashSet<string> pruned)
    {
        var store = ChunkStore.Open(files, scratch.Options(process: 2), create: true);
        committed[store.Put(new() { Name = "c", Path = sources[2] }).Checkpoint.Id] = 2;
        pruned.Add(first);
        store.Prune([first]).Gone.ShouldBe([first]);
        store.Collect();
        committed[store.Put(new() { Name = "c", Path = sources[3] }).Checkpoint.Id] = 3;
        var third = committed.First(pair => pair.Value == 2).Key;
        store.Pin(third, true);
        store.Collect();
        committed[store.Put(new() { Name = "c", Path = sources[4] }).Checkpoint.Id] = 4;
        store.Pin(third, false);
    }

    /// <summary>One file stays the same in all, one in some, one in none.</summary>
    private static string Source(Scratch scratch, int number)
    {
        scratch.Write($"source-{number}/same", Scratch.Noise(100, 3000));
        scratch.Write($"source-{number}/deep/some", Scratch.Noise(200 + (number / 2), 40_000));
        scratch.Write($"source-{number}/each", Scratch.Noise(number, 5000));
        return scratch.Path($"source-{number}");
    }

    private static void Restores(ChunkStore store, Scratch scratch, string id, IReadOnlyList<string> allowed, int operation)
    {
        var target = scratch.NewTarget();
        store.Get(id, target);
        allowed.ShouldContain(Tree.Describe(target), $"{id} after operation {operation}");
        Directory.Delete(target, recursive: true);
    }

    private static void NothingLeaks(SimulatedFiles files, ChunkStore store, string kept, int operation)
    {
        store.List().Select(checkpoint => checkpoint.Id).ShouldBe([kept]);
        var (checkpoint, _) = store.Show(kept);
        var names = string.Join('\n', files.All());
        names.ShouldNotContain(".new-", Case.Sensitive, $"operation {operation}");
        names.ShouldNotContain(".lease");
        names.ShouldNotContain(".condemned");
        names.ShouldNotContain(".pinned");
        var measured = store.Measure();

        // A quarter of garbage in a pack is not worth a copy.
        measured.Stored.ShouldBeLessThan((checkpoint.Bytes * 4 / 3) + 1000, $"operation {operation}:\n{names}");
        store.Verify().Findings.ShouldBeEmpty();
    }

    private static async Task<(int Status, string Output)> RunAsync(Scratch scratch, string source, long operation)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])[typeof(CrashTests).Assembly.Location, Program.ChildArgument, scratch.Store, source, operation.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (child.ExitCode, output);
    }
}
