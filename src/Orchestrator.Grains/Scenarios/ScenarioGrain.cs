using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Events;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Scenarios;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Events;
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
internal sealed partial class ScenarioGrain(
    [PersistentState("scenario", "main")] IPersistentState<ScenarioState> store,
    IEventLog log,
    EventPublisher publisher,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    IOptions<ScenarioOptions> options,
    ILogger<ScenarioGrain> logger) : Grain, IScenarioGrain, IRemindable, IStreamSubscriptionObserver, IAsyncObserver<OrchestratorEvent>
{
    private EffectPump<ScenarioEffect, ScenarioInput> pump = null!;
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

    private ScenarioView View() => ScenarioViews.Of(store.State, clock.GetUtcNow());
}
