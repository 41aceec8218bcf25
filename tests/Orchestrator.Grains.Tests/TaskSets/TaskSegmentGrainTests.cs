using System.Collections.Immutable;
using Orchestrator.Abstractions.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.TaskSets;

/// <summary>Segments of task sets: what was answered is stored, whatever is killed.</summary>
public sealed class TaskSegmentGrainTests(WorldsFixture worlds) : IClassFixture<WorldsFixture>
{
    public static TheoryData<Over> Databases => GrainWorld.Databases;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Databases))]
    public async Task Leases_and_ends_outlive_a_killed_silo_and_a_restart_and_nothing_runs_again(Over over)
    {
        await using var world = await GrainWorld.StartAsync(over);
        var segment = Segment(world);
        await segment.OpenAsync([new() { First = 0, Last = 99, RetriesMax = 1 }], Token);
        var first = await ExchangeAsync(segment, sequence: 1, cores: 10);

        await world.KillSiloOfAsync(segment);
        var again = await ExchangeAsync(segment, sequence: 1, cores: 10);
        again.Outcome.ShouldBe(TaskExchangeOutcome.Repeated);
        again.Given!.Serial.ShouldBe(first.Given!.Serial);
        TaskRanges.Numbers(again.Given.Tasks).ShouldBe(Enumerable.Range(0, 10));
        await ExchangeAsync(segment, sequence: 2, cores: 0, new TaskBatchEnd { Serial = first.Given.Serial, Completed = [new(0, 6)], Failed = [new() { Task = 7, Kind = TaskFaultKind.Failed, Code = 1 }], Returned = [new(8, 9)] });

        await world.KillAllAndStartAgainAsync();
        segment = world.Grains.GetGrain<ITaskSegmentGrain>(segment.GetPrimaryKeyString());
        (await segment.GetAsync(failuresMax: 10, Token)).Counts.ShouldBe(new TaskCounts { Waiting = 93, Completed = 7 });
        var rest = await ExchangeAsync(segment, sequence: 3, cores: 1000);
        TaskRanges.Numbers(rest.Given!.Tasks).ShouldBe(Enumerable.Range(7, 93));
        rest.Failures.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create(7, 1));
    }

    [Fact]
    public async Task What_a_lost_worker_had_is_given_to_another_and_the_lost_one_counts_no_more()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var segment = Segment(world);
        await segment.OpenAsync([new() { First = 0, Last = 3 }], Token);
        await segment.OpenAsync([new() { First = 0, Last = 99 }], Token);
        var lost = await ExchangeAsync(segment, sequence: 1, cores: 4);

        var other = await segment.ExchangeAsync(new() { Exchange = new() { Worker = 2, Epoch = 1, Sequence = 1, Cores = 4, Node = "n-2" }, Over = ImmutableSortedDictionary<int, int>.Empty.Add(1, 1) }, Token);

        TaskRanges.Numbers(other.Given!.Tasks).ShouldBe([0, 1, 2, 3]);
        (await ExchangeAsync(segment, sequence: 2, cores: 0, new TaskBatchEnd { Serial = lost.Given!.Serial, Completed = [new(0, 3)] })).Outcome.ShouldBe(TaskExchangeOutcome.Over);
        (await segment.GetAsync(failuresMax: 10, Token)).Counts.ShouldBe(new TaskCounts { Given = 4 });
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task An_exchange_of_which_the_outcome_is_unknown_is_said_again_and_happens_once(bool stored)
    {
        await using var world = await GrainWorld.StartAsync();
        var segment = Segment(world);
        await segment.OpenAsync([new() { First = 0, Last = 9 }], Token);
        world.Faults.FailNext(StorageFaults.Ledger, stored: stored);

        await Should.ThrowAsync<Exception>(() => ExchangeAsync(segment, sequence: 1, cores: 4));
        var reply = await ExchangeAsync(segment, sequence: 1, cores: 4);

        reply.Outcome.ShouldBe(stored ? TaskExchangeOutcome.Repeated : TaskExchangeOutcome.Accepted);
        TaskRanges.Numbers(reply.Given!.Tasks).ShouldBe([0, 1, 2, 3]);
        (await segment.GetAsync(failuresMax: 10, Token)).Counts.ShouldBe(new TaskCounts { Waiting = 6, Given = 4 });
    }

    [Fact]
    public async Task What_failed_for_good_waits_again_when_asked_and_before_it_is_opened_a_segment_says_so()
    {
        var world = await worlds.OverAsync(Over.Sqlite);
        var segment = Segment(world);
        (await ExchangeAsync(segment, sequence: 1, cores: 1)).Outcome.ShouldBe(TaskExchangeOutcome.Unopened);
        (await segment.GetAsync(failuresMax: 10, Token)).IsOpen.ShouldBeFalse();
        await segment.OpenAsync([new() { First = 0, Last = 0 }], Token);
        var given = await ExchangeAsync(segment, sequence: 1, cores: 1);
        await ExchangeAsync(segment, sequence: 2, cores: 0, new TaskBatchEnd { Serial = given.Given!.Serial, Failed = [new() { Task = 0, Kind = TaskFaultKind.TimedOut, Code = -1 }] });
        (await segment.GetAsync(failuresMax: 10, Token)).Failed[0].Kind.ShouldBe(TaskFaultKind.TimedOut);

        (await segment.GetAsync(failuresMax: 0, Token)).Failed.ShouldBeEmpty();

        (await segment.ResumeAsync(ImmutableSortedDictionary<int, int>.Empty, Token)).Retried.ShouldBe(1);
        var again = await segment.ResumeAsync(ImmutableSortedDictionary<int, int>.Empty.Add(1, 1), Token);
        (again.Retried, again.IsLeft, again.OverTo[1]).ShouldBe((0, true, 1));

        (await segment.GetAsync(failuresMax: 10, Token)).Counts.ShouldBe(new TaskCounts { Waiting = 1 });
    }

    [Fact]
    public async Task The_journal_of_a_segment_that_is_finished_becomes_one_snapshot_that_tells_the_same()
    {
        await using var world = await GrainWorld.StartAsync();
        var segment = Segment(world);
        await segment.OpenAsync([new() { First = 0, Last = 3 }], Token);
        var given = await ExchangeAsync(segment, sequence: 1, cores: 4);
        await ExchangeAsync(segment, sequence: 2, cores: 0, new TaskBatchEnd { Serial = given.Given!.Serial, Completed = [new(0, 2)], Failed = [new() { Task = 3, Kind = TaskFaultKind.Failed, Code = 7 }] });

        // A snapshot is no write that anybody waits for.
        await world.PassUntilAsync(TimeSpan.FromSeconds(1), async () => await world.Ledger.LoadAsync(segment.GetPrimaryKeyString(), Token) is { Snapshot: not null, Entries.Count: 0, Sequence: > 1 }, "the journal is one snapshot");
        await world.KillSiloOfAsync(segment);

        (await segment.GetAsync(failuresMax: 10, Token)).ShouldSatisfyAllConditions(
            static view => view.Counts.ShouldBe(new TaskCounts { Completed = 3, Failed = 1 }), static view => view.Failed[3].Code.ShouldBe(7));
    }

    private static ITaskSegmentGrain Segment(GrainWorld world) => world.Grains.GetGrain<ITaskSegmentGrain>(TaskSegmentKey.Of(new(world.NewKey('s')), "sweep", 0, 0));

    private static Task<TaskExchangeReply> ExchangeAsync(ITaskSegmentGrain segment, long sequence, int cores, params ImmutableArray<TaskBatchEnd> ended) =>
        segment.ExchangeAsync(new() { Exchange = new() { Worker = 1, Epoch = 1, Sequence = sequence, Cores = cores, Node = "n-1", Ended = ended } }, Token);
}
