using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Events;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Usage;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Ledgers;
using Orchestrator.Grains.Reminders;
using Orchestrator.Storage;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orchestrator.Grains.Accounts;

/// <summary>
/// Holds the terms and budgets of an account, from which clusters draw slices and settle them. It counts what ended attempts used. A nudge says whose attempt ended, and what was used is read from the log; at the reminder all of the log is looked through that was not
/// yet, so that a lost nudge costs delay only. Whoever asks is told what the log has at that moment, counted or not.
/// </summary>
[GrainType("account"), ImplicitStreamSubscription(EventStreams.AccountUsage)]
internal sealed class AccountGrain(
    ILedger ledger,
    IEventLog log,
    EventPublisher publisher,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    IOptions<AccountOptions> options,
    ILogger<AccountGrain> logger) : Grain, IAccountGrain, IRemindable, IStreamSubscriptionObserver, IAsyncObserver<OrchestratorEvent>
{
    private const string Reminder = "rollup";
    private const int PageMax = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly ImmutableArray<string> Kinds = [EventKinds.AttemptEnded];

    private readonly HashSet<string> nudgedBy = new(StringComparer.Ordinal);
    private LedgerStore<AccountState, AccountFact> store = null!;
    private IGrainTimer counting = null!;
    private IGrainTimer publishing = null!;
    private bool rollsUp;
    private bool isArmed;
    private bool isReminderSet;

    private string Key => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        store = new(ledger, Key, new() { Empty = new(), Apply = static (state, fact, _) => AccountMachine.Apply(state, fact) }, DeactivateOnIdle, logger);
        counting = this.RegisterGrainTimer(CountAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        publishing = this.RegisterGrainTimer(PublishAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        await store.LoadAsync(cancellationToken);
        ArmPublishing();
        if (store.Sequence > 0)
        {
            rollsUp = true;
            Arm(TimeSpan.Zero);
        }
    }

    public async Task<AccountView?> GetAsync(CancellationToken cancellationToken)
    {
        // It only reads, beside other readers: what is not yet counted is added to the answer alone.
        var now = clock.GetUtcNow();
        var state = AccountMachine.Step(store.State, await ReadAllAsync(store.State.CountedTo, cancellationToken), now);
        return state.Attempts == 0 && store.Sequence == 0 ? null : AccountViews.Of(Key, state, now);
    }

    public async Task<ImmutableArray<UsageRow>> UsageAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var state = AccountMachine.Step(store.State, await ReadAllAsync(store.State.CountedTo, cancellationToken), clock.GetUtcNow());
        return state.Usage.Rows(query.By, query.Step, query.From, query.Until);
    }

    public async Task<AccountSetReply> SetAsync(AccountChange change, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (AccountRules.Change(store.State, change, now).Problems is { IsEmpty: false } problems)
        {
            return new() { Problems = problems };
        }

        var by = (CallerContext.Principal ?? CallerContext.System).ToString();
        if (await AppendAsync(new AccountInput.Set(change, by)))
        {
            AccountGrainLog.Arranged(logger, Key, by);
            await NudgeAsync(except: null);
        }

        return new() { View = AccountViews.Of(Key, store.State, now) };
    }

    public Task<AccountStanding> StandingAsync(CancellationToken cancellationToken) => Task.FromResult(AccountBudgets.StandingAt(store.State, clock.GetUtcNow()));

    public async Task<EscrowReply> ExchangeAsync(EscrowOrder order, CancellationToken cancellationToken)
    {
        var isNew = await AppendAsync(new AccountInput.Exchange(order));
        if (isNew && order.Settlements.Length > 0 && store.State.Terms.Budgets.Values.Any(static budget => budget.Kind == BudgetKind.Hard))
        {
            // What one cluster gives back others may wait for.
            await NudgeAsync(order.Cluster.Value);
        }

        return AccountMachine.Answer(store.State, order, clock.GetUtcNow());
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        rollsUp = true;
        Arm(TimeSpan.Zero);
        ArmPublishing();
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<OrchestratorEvent>().ResumeAsync(this);

    public Task OnNextAsync(OrchestratorEvent item, StreamSequenceToken? token = null)
    {
        if (nudgedBy.Add(item.Source))
        {
            Arm(options.Value.Gather);
        }

        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private void Arm(TimeSpan due)
    {
        if (!isArmed || due == TimeSpan.Zero)
        {
            isArmed = true;
            counting.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        isArmed = false;
        try
        {
            if (rollsUp)
            {
                await AppendAsync(await ReadAllAsync(store.State.CountedTo, cancellationToken));
                rollsUp = false;
                nudgedBy.Clear();
            }

            foreach (var source in nudgedBy.ToArray())
            {
                var events = await ReadAsync(store.State.CountedTo, new EventFilter { Source = source, Kinds = Kinds }, cancellationToken);
                await AppendAsync(new AccountInput.Used(events));
                nudgedBy.Remove(source);
            }

            if (!isReminderSet && store.Sequence > 0)
            {
                await SetReminderAsync();
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            AccountGrainLog.CountingFailed(logger, Key, RetryAfter, error);
            isArmed = true;
            counting.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Clusters that have to do with it ask again. A nudge that is lost costs delay: they look now and then.</summary>
    private async Task NudgeAsync(string? except)
    {
        foreach (var cluster in store.State.Escrows.Keys)
        {
            if (cluster != except)
            {
                await GrainFactory.GetGrain<IClusterGrain>(cluster).AccountChangedAsync(new AccountId(Key));
            }
        }
    }

    /// <summary>Whether it brought anything new.</summary>
    private async Task<bool> AppendAsync(AccountInput input)
    {
        var now = clock.GetUtcNow();
        var facts = AccountMachine.Decide(store.State, input, now);
        if (facts.IsEmpty)
        {
            return false;
        }

        var isFirst = store.Sequence == 0;
        await store.AppendAsync(facts, now);
        if (facts.Count(static fact => fact is AccountFact.UseCounted) is var charged and > 0)
        {
            AccountGrainLog.Charged(logger, Key, charged);
        }

        foreach (var reached in facts.OfType<AccountFact.LevelReached>())
        {
            AccountGrainLog.LevelReached(logger, Key, reached.Level, reached.Key);
        }

        ArmPublishing();
        if (isFirst)
        {
            // From the first entry on a reminder wakes it.
            Arm(options.Value.Gather);
        }

        return true;
    }

    private void ArmPublishing()
    {
        if (!store.State.Outbox.IsEmpty)
        {
            publishing.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        try
        {
            var outbox = store.State.Outbox;
            if (outbox.IsEmpty)
            {
                return;
            }

            var account = new AccountId(Key);
            await publisher.PublishAsync([.. outbox.Select(occurrence => occurrence with { Source = Key, Account = account, Project = AccountViews.ProjectOf(account) })], cancellationToken: cancellationToken);
            await AppendAsync(new AccountInput.Published(outbox[^1].Sequence));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            AccountGrainLog.PublishingFailed(logger, Key, RetryAfter, error);
            publishing.Change(RetryAfter, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>All of its uses behind a position, up to where the log ends now.</summary>
    private async Task<AccountInput.RollUp> ReadAllAsync(long after, CancellationToken cancellationToken)
    {
        // The end is asked for first: nothing ever appears before it that a reader has not seen.
        var end = await log.LastPositionAsync(cancellationToken);
        return new(await ReadAsync(after, new EventFilter { Kinds = Kinds }, cancellationToken), end);
    }

    private async Task<ImmutableArray<AccountInput.Logged>> ReadAsync(long after, EventFilter filter, CancellationToken cancellationToken)
    {
        var events = ImmutableArray.CreateBuilder<AccountInput.Logged>();
        while (true)
        {
            var page = await log.ReadAsync(after, filter, PageMax, cancellationToken);
            foreach (var record in page)
            {
                var occurrence = EventPublisher.Read(record);
                if (occurrence.Account?.Value == Key)
                {
                    events.Add(new(record.Position, occurrence));
                }
            }

            if (page.Count < PageMax)
            {
                return events.ToImmutable();
            }

            after = page[^1].Position;
        }
    }

    private async Task SetReminderAsync()
    {
        if (await this.GetReminder(Reminder) is null)
        {
            var period = options.Value.ReminderPeriod;
            await this.RegisterOrUpdateReminder(Reminder, ReminderPhase.Of(Key, period), period);
        }

        isReminderSet = true;
    }
}
