using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Events;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Events;
using Orchestrator.Grains.Reminders;
using Orchestrator.Storage;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orchestrator.Grains.Scenarios;

/// <summary>
/// Follows the simulations of a comparison by their events: a nudge of the stream says that there is more, and what there is it reads from the log, from its own cursor on.
/// So a nudge that is lost, repeated or late changes nothing but the time at which it looks.
/// </summary>
[GrainType("scenario"), ImplicitStreamSubscription(EventStreams.ScenarioProgress)]
internal sealed class ScenarioGrain(
    [PersistentState("scenario", "main")] IPersistentState<ScenarioState> store,
    IEventLog log,
    EventPublisher publisher,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    IOptions<ScenarioOptions> options,
    ILogger<ScenarioGrain> logger) : Grain, IScenarioGrain, IRemindable, IStreamSubscriptionObserver, IAsyncObserver<OrchestratorEvent>
{
    private const string Reminder = "reprioritize";
    private const int PageMax = 1000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly HashSet<SimulationId> nudgedBy = [];
    private EffectPump<ScenarioEffect, ScenarioInput> pump = null!;
    private IGrainTimer gathering = null!;
    private IGrainTimer evaluation = null!;
    private IGrainTimer judging = null!;
    private IGrainTimer takingScores = null!;
    private ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>>? judged;
    private bool looksAtAll;
    private bool isGatheringArmed;
    private bool isLost;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        pump = new(
            this,
            new()
            {
                Owner = Key,
                Owed = () => isLost ? [] : ScenarioMachine.Owed(store.State),

                // Each simulation is told by itself: one that does not answer keeps nobody else waiting.
                Lane = static effect => effect is ScenarioEffect.Tell tell ? tell.Simulation.Value : effect.GetType().Name,
                Perform = PerformAsync,
                Apply = StepAsync,
            },
            clock,
            logger);
        gathering = this.RegisterGrainTimer(GatherAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        evaluation = this.RegisterGrainTimer(EvaluateAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));

        // While the site's evaluator thinks, calls and evaluations go on: its answer is an input like any other.
        judging = this.RegisterGrainTimer(JudgeAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { Interleave = true });
        takingScores = this.RegisterGrainTimer(TakeScoresAsync, new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        if (store.State.Status != ScenarioStatus.Absent)
        {
            // What came while it was away was nudged to nobody; a member of one that has ended may have run again.
            looksAtAll = true;
            ArmGathering(TimeSpan.Zero);
        }

        ArmEvaluation();
        pump.Arm();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        pump.Stop();
        return Task.CompletedTask;
    }

    public async Task<ScenarioView> DefineAsync(ScenarioDefinition definition, CancellationToken cancellationToken)
    {
        if (definition.Id.Value != Key)
        {
            throw new ArgumentException($"The definition is of {definition.Id}, and this is {Key}.", nameof(definition));
        }

        ThrowIfLost();
        if (ScenarioMachine.Refusal(store.State, definition, CallerContext.Principal) is { } refusal)
        {
            throw new AccessDeniedException(refusal) { Call = "IScenarioGrain.DefineAsync", Needed = Role.Operator };
        }

        await StepAsync(new ScenarioInput.Define(definition));
        looksAtAll = true;
        ArmGathering(TimeSpan.Zero);
        return View();
    }

    public Task<ScenarioView?> GetAsync(CancellationToken cancellationToken)
    {
        ThrowIfLost();
        return Task.FromResult(store.State.Status == ScenarioStatus.Absent ? null : View());
    }

    public async Task<ScenarioView?> ReprioritizeAsync(CancellationToken cancellationToken)
    {
        ThrowIfLost();
        if (store.State.Status == ScenarioStatus.Absent)
        {
            return null;
        }

        judging.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await StepAsync(new ScenarioInput.Reprioritize(Force: true));
        return View();
    }

    public async Task<ScenarioView?> OverrideAsync(PriorityOverride priority, CancellationToken cancellationToken)
    {
        ThrowIfLost();
        if (priority.Priority is { } value && double.IsNaN(value))
        {
            throw new ArgumentException("The priority is no number; 0 to 1 is allowed.", nameof(priority));
        }

        if (!store.State.Definition.Variants.ContainsKey(priority.Variant))
        {
            return null;
        }

        await StepAsync(new ScenarioInput.Override(priority.Variant, priority.Priority, priority.By, priority.Note));
        return View();
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        looksAtAll = true;
        ArmGathering(TimeSpan.Zero);
        if (!isLost && store.State.Status == ScenarioStatus.Live)
        {
            judging.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            await StepAsync(new ScenarioInput.Reprioritize(Force: false));
        }

        pump.Arm();
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<OrchestratorEvent>().ResumeAsync(this);

    public Task OnNextAsync(OrchestratorEvent item, StreamSequenceToken? token = null)
    {
        if (!isLost
            && SimulationId.TryParse(item.Source, out var simulation)
            && store.State.Members.TryGetValue(simulation, out var member)
            && item.Sequence > member.Cursor
            && nudgedBy.Add(simulation))
        {
            ArmGathering(options.Value.Gather);
        }

        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private void ArmGathering(TimeSpan due)
    {
        if (!isGatheringArmed || due == TimeSpan.Zero)
        {
            isGatheringArmed = true;
            gathering.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task GatherAsync(CancellationToken cancellationToken)
    {
        isGatheringArmed = false;
        if (isLost || store.State.Status == ScenarioStatus.Absent)
        {
            nudgedBy.Clear();
            looksAtAll = false;
            return;
        }

        SimulationId[] sources = looksAtAll
            ? [.. store.State.Members.Keys.Union(nudgedBy)]
            : [.. nudgedBy];
        try
        {
            foreach (var source in sources)
            {
                await TakeInAsync(source, cancellationToken);
                nudgedBy.Remove(source);
            }

            nudgedBy.Clear();
            looksAtAll = false;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            if (!isLost)
            {
                ScenarioGrainLog.GatheringFailed(logger, Key, RetryAfter, error);
                isGatheringArmed = true;
                gathering.Change(RetryAfter, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task TakeInAsync(SimulationId source, CancellationToken cancellationToken)
    {
        while (store.State.Members.TryGetValue(source, out var member))
        {
            var page = await log.EventsAfterAsync(source.Value, member.Cursor, PageMax, cancellationToken);
            if (page.Count > 0)
            {
                await StepAsync(new ScenarioInput.Observed(source, [.. page.Select(EventPublisher.Read)]));
            }

            // What an ended one does not take in, it would read again.
            if (page.Count < PageMax || store.State.Members.GetValueOrDefault(source)?.Cursor == member.Cursor)
            {
                return;
            }
        }
    }

    private void ArmEvaluation()
    {
        if (!isLost && store.State is { Status: ScenarioStatus.Live, ChangedAt: { } changed })
        {
            var due = changed + options.Value.EvaluateAfter - clock.GetUtcNow();
            evaluation.Change(due > TimeSpan.Zero ? due : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task EvaluateAsync(CancellationToken cancellationToken)
    {
        if (!isLost && store.State.ChangedAt is { } changed && changed + options.Value.EvaluateAfter <= clock.GetUtcNow())
        {
            await StepAsync(new ScenarioInput.Evaluate());
        }
        else
        {
            ArmEvaluation();
        }
    }

    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        if (isLost || store.State.Status != ScenarioStatus.Live || store.State.Definition.Steering == ScenarioSteering.Off)
        {
            return;
        }

        var judge = ServiceProvider.GetRequiredService<IScenarioJudge>();
        if (!judge.IsSet)
        {
            if (!store.State.OutsideScores.IsEmpty)
            {
                // Whoever gave them is asked no more: for months they would stand in the place of what is measured.
                judged = store.State.OutsideScores.Clear();
                takingScores.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }

            return;
        }

        var answer = await judge.AskAsync(store.State.Definition.Id, ScenarioMachine.QuestionOf(store.State), cancellationToken);
        if (answer is null || isLost)
        {
            return;
        }

        var (scores, ignored) = OutsideEvaluation.Read(answer, store.State.Definition.Variants.Keys.ToHashSet());
        if (ignored.Length > 0)
        {
            ScenarioGrainLog.ScoresIgnored(logger, Key, ignored.Length, ignored[0]);
        }

        // An answer of which nothing can be used says nothing: the last one holds. It is stored in a turn of its own, because this one runs beside others.
        if (scores.Count > 0 || ignored.IsEmpty)
        {
            judged = scores;
            takingScores.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task TakeScoresAsync(CancellationToken cancellationToken)
    {
        if (!isLost && judged is { } scores)
        {
            judged = null;
            await StepAsync(new ScenarioInput.Scored(scores));
        }
    }

    private async Task<ScenarioInput> PerformAsync(ScenarioEffect effect, CancellationToken cancellationToken)
    {
        switch (effect)
        {
            case ScenarioEffect.Publish publish:
                await publisher.PublishAsync(publish.Events, cancellationToken: cancellationToken);
                return new ScenarioInput.Published(publish.Events[^1].Sequence);
            case ScenarioEffect.KeepCursors keep:
                foreach (var (simulation, cursor) in keep.Cursors)
                {
                    await log.AdvanceAsync(Key, simulation.Value, cursor, cancellationToken);
                }

                return new ScenarioInput.CursorsKept(keep.Cursors);
            case ScenarioEffect.ForgetCursors { Simulations.Length: 0 }:
                await log.ForgetAsync(Key, cancellationToken: cancellationToken);
                return new ScenarioInput.CursorsForgotten([]);
            case ScenarioEffect.ForgetCursors forget:
                foreach (var simulation in forget.Simulations)
                {
                    await log.ForgetAsync(Key, simulation.Value, cancellationToken);
                }

                return new ScenarioInput.CursorsForgotten(forget.Simulations);
            case ScenarioEffect.Tell tell:
                await TellAsync(tell, cancellationToken);
                return new ScenarioInput.Told(tell.Simulation, tell.Order);
            case ScenarioEffect.SetReminder { Keep: true }:
                var period = options.Value.ReminderPeriod;
                await this.RegisterOrUpdateReminder(Reminder, ReminderPhase.Of(Key, period), period);
                return new ScenarioInput.ReminderSet(true);
            case ScenarioEffect.SetReminder:
                if (await this.GetReminder(Reminder) is { } reminder)
                {
                    await this.UnregisterReminder(reminder);
                }

                return new ScenarioInput.ReminderSet(false);
            default:
                throw new InvalidTransitionException("scenario", "effects", effect.GetType().Name);
        }
    }

    private async Task TellAsync(ScenarioEffect.Tell tell, CancellationToken cancellationToken)
    {
        var simulation = GrainFactory.GetGrain<ISimulationGrain>(tell.Simulation.Value);
        if (tell.Order.Hold is { } hold)
        {
            var reply = await simulation.ControlAsync(new() { Verb = hold ? SimulationVerb.Pause : SimulationVerb.Resume, Reason = $"{Key}: {tell.Order.Reason}", SteeredBy = new ScenarioId(Key) }, cancellationToken);
            ScenarioGrainLog.MemberTold(logger, Key, tell.Simulation.Value, hold ? "pause" : "go on", reply.Outcome, tell.Order.Reason);
        }

        if (tell.Order.Promise is not null || tell.Order.ForgetsPromise)
        {
            var promise = tell.Order.Promise;
            var reply = await simulation.ControlAsync(new() { Verb = SimulationVerb.Promise, Promise = promise, Reason = Key, SteeredBy = new ScenarioId(Key) }, cancellationToken);
            ScenarioGrainLog.PromiseTold(logger, Key, tell.Simulation.Value, promise, reply.Outcome);
        }

        if (tell.Order.Share is not null || tell.Order.ForgetsShare)
        {
            var share = tell.Order.Share;
            var reply = await simulation.ControlAsync(new() { Verb = SimulationVerb.Share, Share = share, Reason = Key, SteeredBy = new ScenarioId(Key) }, cancellationToken);
            ScenarioGrainLog.ShareTold(logger, Key, tell.Simulation.Value, share?.Share, reply.Outcome);
        }
    }

    private async Task StepAsync(ScenarioInput input)
    {
        ThrowIfLost();
        var before = store.State;
        var after = ScenarioMachine.Step(before, input, clock.GetUtcNow());
        if (!ReferenceEquals(after, before))
        {
            store.State = after;
            try
            {
                await store.WriteStateAsync();
            }
            catch (Exception error)
            {
                // Whether it was written is unknown: the next activation reads.
                isLost = true;
                ScenarioGrainLog.StoreFailed(logger, Key, error);
                DeactivateOnIdle();
                throw;
            }

            if (after.Status != before.Status)
            {
                ScenarioGrainLog.StatusChanged(logger, Key, before.Status, after.Status, after.Members.Count);
            }

            ArmEvaluation();
        }

        pump.Arm();
    }

    private void ThrowIfLost()
    {
        if (isLost)
        {
            throw new StorageUnavailableException($"The state of {Key} must be read again: the outcome of a write is not known. Try again.");
        }
    }

    private ScenarioView View()
    {
        var state = store.State;
        var assessments = ScenarioMachine.Assess(state, clock.GetUtcNow());
        var (complementary, alike) = ScenarioMachine.Pair(state, assessments);
        return new()
        {
            Definition = state.Definition,
            EvaluatedAt = state.EvaluatedAt,
            Assessments = assessments,
            Complementary = complementary,
            Alike = alike,
            Priorities = state.Priorities,
            Shares = state.Shares,
            Moves = state.Moves,
            Advice = state.Advice,
            Held = state.Held,
            ReprioritizedAt = state.ReprioritizedAt,
            Comparisons = state.Comparisons.Comparisons,
            History = state.Assessments,
            Variants =
            [
                .. ScenarioEvaluation.Evaluate(state.Definition, state.Members).Select(variant => new VariantView
                {
                    Name = variant.Name,
                    Rank = variant.Rank,
                    Metrics = variant.Metrics,
                    Members = [.. state.Definition.Variants[variant.Name].Select(id => MemberOf(id, state.Members[id]))],
                }),
            ],
        };
    }

    private static MemberView MemberOf(SimulationId id, ScenarioMember member) =>
        new() { Simulation = id, Status = member.Status, Progress = member.Progress, Metrics = member.Metrics };
}
