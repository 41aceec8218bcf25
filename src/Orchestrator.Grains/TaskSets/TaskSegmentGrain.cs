using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.TaskSets;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Grains.Ledgers;
using Orchestrator.Storage;
using Orleans.Runtime;

namespace Orchestrator.Grains.TaskSets;

/// <summary>
/// The shell around <see cref="TaskSegmentMachine"/>: decide, append to the journal, answer. It calls nobody and needs no reminder: what is to be taken back is told to it with
/// the next exchange of whichever worker, and while nobody asks, nothing is owed.
/// </summary>
[GrainType("task-segment")]
internal sealed class TaskSegmentGrain(ILedger ledger, [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock, ILogger<TaskSegmentGrain> logger) : Grain, ITaskSegmentGrain
{
    private LedgerStore<TaskSegmentState, TaskSegmentFact> store = null!;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        store = new(ledger, Key, new() { Empty = new(), Apply = TaskSegmentMachine.Apply }, DeactivateOnIdle, logger);
        return store.LoadAsync(cancellationToken);
    }

    public async Task OpenAsync(ImmutableArray<TaskRow> rows, CancellationToken cancellationToken = default)
    {
        var facts = TaskSegmentMachine.Open(store.State, rows);
        await store.AppendAsync(facts, clock.GetUtcNow());
        if (!facts.IsEmpty)
        {
            TaskSegmentGrainLog.Opened(logger, Key, store.State.Counts.Waiting);
        }
    }

    public async Task<TaskExchangeReply> ExchangeAsync(SegmentExchange exchange, CancellationToken cancellationToken = default)
    {
        var now = clock.GetUtcNow();
        var wasFinished = store.State.Counts.IsFinished;
        var facts = TaskSegmentMachine.Decide(store.State, exchange.Exchange, exchange.Over, now, out var reply, exchange.HasOthers);
        await store.AppendAsync(facts, now);
        foreach (var fenced in facts.OfType<TaskSegmentFact.Fenced>())
        {
            TaskSegmentGrainLog.Fenced(logger, Key, fenced.Worker, fenced.Epoch);
        }

        if (!wasFinished && reply is { Outcome: TaskExchangeOutcome.Accepted, Counts.IsFinished: true })
        {
            TaskSegmentGrainLog.Finished(logger, Key, reply.Counts.Completed, reply.Counts.Failed);

            // What people see of it stays as long as its simulation does; the way there is of no use any more.
            store.Compact();
        }

        return reply;
    }

    public async Task<TaskResumption> ResumeAsync(ImmutableSortedDictionary<int, int> over, CancellationToken cancellationToken = default)
    {
        var failed = store.State.Failed.Count;
        await store.AppendAsync(TaskSegmentMachine.Retry(store.State, over), clock.GetUtcNow());
        var state = store.State;
        return new() { Retried = failed, IsLeft = !state.IsOpen || !state.Counts.IsFinished, OverTo = state.Workers.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value.OverTo) };
    }

    public Task<TaskSegmentView> GetAsync(int failuresMax = 0, CancellationToken cancellationToken = default) => Task.FromResult(new TaskSegmentView
    {
        IsOpen = store.State.IsOpen,
        Counts = store.State.Counts,
        Failed = store.State.Failed.Count <= failuresMax ? store.State.Failed : store.State.Failed.Take(failuresMax).ToImmutableSortedDictionary(),
        TaskTime = store.State.TaskTime,
    });
}
