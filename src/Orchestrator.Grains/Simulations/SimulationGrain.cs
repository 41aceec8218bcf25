using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Clusters;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Reminders;
using Orchestrator.Grains.Telemetry;
using Orchestrator.Storage;
using Orleans.Runtime;

namespace Orchestrator.Grains.Simulations;

/// <summary>The shell around <see cref="SimulationMachine"/>: a call is step, store, reply; what is owed is done by the pump.</summary>
[GrainType("simulation")]
internal sealed class SimulationGrain(
    [PersistentState("simulation", "main")] IPersistentState<SimulationState> store,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    SimulationEffects effects,
    IOptions<SimulationOptions> options,
    IOptions<NodeOptions> nodes,
    IOptions<ClusterOptions> clusters,
    ILogger<SimulationGrain> logger) : Grain, ISimulationGrain, IRemindable
{
    /// <summary>Wakes it, should nothing else.</summary>
    private const string ReminderName = "checkpoint";

    private static readonly TimeSpan ReminderPeriodMin = TimeSpan.FromMinutes(5);

    /// <summary>A timer takes no longer times; it is armed again then.</summary>
    private static readonly TimeSpan DueMax = TimeSpan.FromDays(1);

    private SimulationPolicy policy = options.Value.Policy(nodes.Value);
    private EffectPump<SimulationEffect, SimulationInput> pump = null!;
    private IGrainTimer due = null!;
    private bool outcomeUnknown;

    /// <summary>How many nudges came, and how many had come when an answer of the cluster was asked for: one that is older than a nudge says nothing of what the nudge was about.</summary>
    private long nudges;
    private readonly ConditionalWeakTable<SimulationInput, StrongBox<long>> askedAt = [];

    private string Key => this.GetPrimaryKeyString();

    private IClusterGrain Cluster => GrainFactory.GetGrain<IClusterGrain>(store.State.Definition.Cluster.Value);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // While no silo was up agents could say nothing: the time counts for nobody's silence.
        policy = policy with { WatchedSince = clock.GetUtcNow() };
        pump = new(
            this,
            new()
            {
                Owner = Key,
                Owed = () => outcomeUnknown ? [] : SimulationMachine.Owed(store.State),
                Lane = static effect => effect.Lane,
                Perform = PerformAsync,
                Apply = ApplyAsync,
                Deadline = options.Value.EffectDeadline,
            },
            clock,
            logger);
        due = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions { DueTime = Timeout.InfiniteTimeSpan, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });

        // What happened while it slept is learned from the cluster, not from hints. It is noted in memory alone.
        store.State = SimulationMachine.Step(store.State, new SimulationInput.Nudged(), clock.GetUtcNow(), policy);
        Arm();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        pump.Stop();
        due.Dispose();
        return Task.CompletedTask;
    }

    public async Task<SubmitReply> SubmitAsync(SubmitRequest request, CancellationToken cancellationToken = default)
    {
        var definition = request.Definition;
        if (definition.Id.Value != Key)
        {
            return new() { Outcome = SubmitOutcome.Refused, Reason = $"id: it is '{definition.Id}', and the simulation that was called is '{Key}'; they must be the same." };
        }

        if (store.State.Status != SimulationStatus.Absent)
        {
            if (!SimulationRules.Same(SimulationMachine.Submitted(store.State), definition))
            {
                return new() { Outcome = SubmitOutcome.IdTaken, Reason = $"another simulation has the id '{Key}'." };
            }

            if (!store.State.IsFinal)
            {
                // Whoever asks again may have had no answer because just this was not stored.
                await RemindAsync();
            }

            return new() { Outcome = SubmitOutcome.Repeated };
        }

        if (SimulationRules.Problem(definition) is { } problem)
        {
            return new() { Outcome = SubmitOutcome.Refused, Reason = problem };
        }

        // Both are written together, and both before the answer: what is accepted is woken from then on, whatever crashes (invariant 1). A reminder of nothing removes itself.
        await Task.WhenAll(RemindAsync(), HandleAsync(new SimulationInput.Submit(definition, request.Order, request.SubmittedAt)));
        return new() { Outcome = SubmitOutcome.Accepted };
    }

    public async Task<ControlReply> ControlAsync(SimulationOrder order, CancellationToken cancellationToken = default)
    {
        if (store.State.Status == SimulationStatus.Absent)
        {
            return new() { Outcome = ControlOutcome.NotFound, Reason = $"there is no simulation '{Key}'." };
        }

        if (CallerContext.Principal is { } caller && caller != CallerContext.System && order.SteeredBy is null)
        {
            order = order with { By = caller.User };
        }

        if (order.Verb is SimulationVerb.Promise or SimulationVerb.Share)
        {
            return await TellClusterAsync(
                order.Verb == SimulationVerb.Promise
                    ? new() { Target = Key, Promise = order.Promise, ForgetsPromise = order.Promise is null }
                    : new() { Target = Key, Share = order.Share, ForgetsShare = order.Share is null },
                cancellationToken);
        }

        SimulationInput? input = order.Verb switch
        {
            SimulationVerb.Cancel => new SimulationInput.Cancel(order.Reason, order.By),
            SimulationVerb.Pause => new SimulationInput.Pause(order.Reason, order.SteeredBy, order.By),
            SimulationVerb.Resume => new SimulationInput.Resume(order.Reason, order.SteeredBy, order.By),
            SimulationVerb.DeclareDead => new SimulationInput.DeclareDead(order.Reason),
            SimulationVerb.Checkpoint when order.At is { } at => new SimulationInput.ScheduleCheckpoint(at),
            SimulationVerb.Checkpoint => new SimulationInput.Checkpoint(order.Reason),
            SimulationVerb.Preview => new SimulationInput.Preview(order.Stage, order.Level, order.By),
            SimulationVerb.ReportFailure when order is { Stage: { } stage, Failure: { } failure } => new SimulationInput.ReportFailure(stage, failure, order.By),
            SimulationVerb.EndRecovery when order.Stage is { } stage => new SimulationInput.EndRecovery(stage, order.Number, order.Ending, order.Reason, order.By),
            SimulationVerb.PinCheckpoint or SimulationVerb.UnpinCheckpoint when order is { Stage: { } stage, Checkpoint: { } name } =>
                new SimulationInput.PinCheckpoint(stage, name, order.Verb == SimulationVerb.PinCheckpoint),
            SimulationVerb.DistrustCheckpoint when order is { Stage: { } stage, Checkpoint: { } name } => new SimulationInput.DistrustCheckpoint(stage, name),
            SimulationVerb.PruneCheckpoints => new SimulationInput.PruneCheckpoints(order.Stage, order.Keep),
            SimulationVerb.UnscheduleCheckpoints => new SimulationInput.UnscheduleCheckpoints(),
            SimulationVerb.CleanRuns => new SimulationInput.CleanRuns(order.Stage, order.All),
            SimulationVerb.ChangeCheckpointPolicy when order.Policy is { } changed => new SimulationInput.ChangeCheckpointPolicy(order.Stage, changed),
            _ => null,
        };
        if (input is null || !SimulationMachine.Allows(store.State, input))
        {
            return new()
            {
                Outcome = ControlOutcome.Refused,
                Status = store.State.Status,
                Reason = input is null
                    ? "verb: cancel, pause, resume, checkpoint, declareDead, preview, and, with what they are about, pinCheckpoint, unpinCheckpoint, pruneCheckpoints, distrustCheckpoint, changeCheckpointPolicy, unscheduleCheckpoints, cleanRuns, reportFailure and endRecovery are allowed."
                    : SimulationMachine.Refusal(store.State, input, SimulationMachine.NameOf(order.Verb)),
            };
        }

        if (store.State.IsFinal)
        {
            // What is told of one that has ended is owed to log and index, and nothing else would wake it for that after a crash. The reminder removes itself.
            await RemindAsync();
        }

        var before = store.State.Version;
        await HandleAsync(input);
        return new() { Outcome = store.State.Version == before ? ControlOutcome.Unchanged : ControlOutcome.Accepted, Status = store.State.Status };
    }

    public async Task<StageReply> SteerAsync(StageOrder order, CancellationToken cancellationToken = default)
    {
        if (CallerContext.Principal is { } caller && caller != CallerContext.System)
        {
            // Whoever calls is whoever asks, whatever the order says of itself.
            order = order with
            {
                By = caller.User,
                Role = caller.Role.ToString(),
                Controls = caller.Role >= Role.Operator || (caller.Role == Role.Submitter && store.State.Status != SimulationStatus.Absent && store.State.Definition.Owner.User == caller.User),
            };
            if (order.Verb == StageVerb.Change && clusters.Value.PolicyOf(nodes.Value).Submitters.Problem(order.Priority, caller) is { } tooHigh)
            {
                return new() { Outcome = ControlOutcome.Refused, Status = store.State.Status, Problems = [tooHigh] };
            }
        }

        if (SimulationMachine.Refusals(store.State, order, policy) is { IsEmpty: false } problems)
        {
            return new() { Outcome = store.State.Status == SimulationStatus.Absent ? ControlOutcome.NotFound : ControlOutcome.Refused, Status = store.State.Status, Problems = problems };
        }

        if (order.Verb == StageVerb.Rerun)
        {
            // One that has ended goes on: before that is stored something has to wake it, whatever crashes (invariant 1). A reminder of one that has ended removes itself.
            await RemindAsync();
        }

        var before = store.State;
        await HandleAsync(new SimulationInput.Steer(order));
        return new() { Outcome = store.State.Version == before.Version ? ControlOutcome.Unchanged : ControlOutcome.Accepted, Status = store.State.Status };
    }

    /// <summary>The cluster keeps it, for what waits now and for what is asked for later: nothing of it is stored here.</summary>
    private async Task<ControlReply> TellClusterAsync(PrioritySetting setting, CancellationToken cancellationToken)
    {
        if (store.State.IsFinal)
        {
            return new() { Outcome = ControlOutcome.Refused, Status = store.State.Status, Reason = $"the simulation is {SimulationMachine.NameOf(store.State.Status)}." };
        }

        var reply = await Cluster.SetPriorityAsync(setting, cancellationToken);
        return reply.Accepted
            ? new() { Outcome = reply.Changed ? ControlOutcome.Accepted : ControlOutcome.Unchanged, Status = store.State.Status }
            : new() { Outcome = ControlOutcome.Refused, Status = store.State.Status, Reason = reply.Problem };
    }

    public Task<SimulationView?> GetAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(store.State.Status == SimulationStatus.Absent ? null : SimulationViews.Of(store.State, clock.GetUtcNow(), policy));

    public Task<TaskWorkersView?> GetTaskWorkersAsync(string stage, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.State.Status == SimulationStatus.Absent ? null : SimulationMachine.TaskWorkersOf(store.State, stage));

    public async Task<ReportReply> ReportAsync(AttemptReport report, CancellationToken cancellationToken = default)
    {
        if (store.State.Status == SimulationStatus.Absent || report.Attempt.Simulation.Value != Key)
        {
            return new() { Verdict = ReportVerdict.Stale, Instruction = ReportInstruction.Discard };
        }

        if (SimulationMachine.Judge(store.State, report) == ReportVerdict.OutOfOrder)
        {
            await LookAsync(report.Attempt, cancellationToken);
        }

        var verdict = SimulationMachine.Judge(store.State, report);
        if (verdict is ReportVerdict.Accepted or ReportVerdict.Stale)
        {
            await HandleAsync(new SimulationInput.Reported(report));
        }

        return SimulationMachine.Answer(store.State, report, verdict);
    }

    public async Task<LaunchReply> GetLaunchAsync(AttemptId attempt, NodeId node, CancellationToken cancellationToken = default)
    {
        await LookAsync(attempt, cancellationToken);
        var launch = SimulationMachine.Launch(store.State, attempt, node, out var refusal);
        return new() { Launch = launch, Reason = refusal };
    }

    public Task NudgeAsync()
    {
        nudges++;
        return HandleAsync(new SimulationInput.Nudged());
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        if (store.State.Status == SimulationStatus.Absent || (store.State.IsFinal && SimulationMachine.Owed(store.State).Count == 0))
        {
            await RemoveReminderAsync();
            return;
        }

        await HandleAsync(new SimulationInput.Nudged());
        await HandleAsync(new SimulationInput.Tick());
    }

    /// <summary>Step, store, and arm what does the rest.</summary>
    private async Task HandleAsync(SimulationInput input)
    {
        if (outcomeUnknown)
        {
            throw new StorageUnavailableException($"{Key} could not be stored and is read again; the same call may succeed then.");
        }

        var before = store.State;
        var after = SimulationMachine.Step(before, input, clock.GetUtcNow(), policy);
        if (!ReferenceEquals(after, before))
        {
            store.State = after;

            // What was merely done of what was owed is stored with the next change, and at the end: until then a crash lets it be done again.
            if (after.Version != before.Version || (after.IsFinal && SimulationMachine.Owed(after).Count == 0))
            {
                await StoreAsync();
                Log(before, after);
            }
        }

        Arm();
    }

    private async Task StoreAsync()
    {
        try
        {
            await store.WriteStateAsync();
        }
        catch (Exception error)
        {
            // Whether it was stored is not known: the next activation reads it.
            outcomeUnknown = true;
            SimulationGrainLog.NotStored(logger, Key, error);
            DeactivateOnIdle();
            throw;
        }
    }

    /// <summary>Asks the cluster of an attempt that it does not know to have its nodes: an agent may hear of it sooner.</summary>
    private async Task LookAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        var i = store.State.IndexOf(attempt.Stage ?? "");
        if (i >= 0 && store.State.Stages[i].Live is { IsGranted: false } live && live.Epoch == attempt.Epoch)
        {
            await HandleAsync(new SimulationInput.LeaseSeen(await Cluster.GetLeaseAsync(attempt, cancellationToken)));
        }
    }

    private async Task<SimulationInput> PerformAsync(SimulationEffect effect, CancellationToken cancellationToken)
    {
        if (effect is not SimulationEffect.RemoveReminder)
        {
            var asked = nudges;
            var outcome = await effects.PerformAsync(effect, cancellationToken);
            if (effect is SimulationEffect.ReadLease or SimulationEffect.RequestLease or SimulationEffect.OrderLease)
            {
                askedAt.Add(outcome, new(asked));
            }

            return outcome;
        }

        await RemoveReminderAsync();
        return new SimulationInput.ReminderRemoved();
    }

    private async Task ApplyAsync(SimulationInput outcome)
    {
        await HandleAsync(outcome);
        if (outcome is SimulationInput.ReminderRemoved && !store.State.IsFinal)
        {
            // It was removed while an order let the simulation go on.
            await RemindAsync();
        }

        if (askedAt.TryGetValue(outcome, out var asked) && asked.Value != nudges)
        {
            await HandleAsync(new SimulationInput.Nudged());
        }
    }

    /// <summary>5 to 10 minutes, another period for each key, so that many do not wake at once.</summary>
    private Task<IGrainReminder> RemindAsync()
    {
        var period = ReminderPeriodMin + ReminderPhase.Of(Key, ReminderPeriodMin);
        return this.RegisterOrUpdateReminder(ReminderName, ReminderPhase.Of(Key, period), period);
    }

    private async Task RemoveReminderAsync()
    {
        if (await this.GetReminder(ReminderName) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private Task TickAsync(CancellationToken cancellationToken) => outcomeUnknown ? Task.CompletedTask : HandleAsync(new SimulationInput.Tick());

    private void Arm()
    {
        pump.Arm();
        if (SimulationMachine.Due(store.State, policy) is not { } at)
        {
            due.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var wait = at - clock.GetUtcNow();
        due.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > DueMax ? DueMax : wait, Timeout.InfiniteTimeSpan);
    }

    private void Log(SimulationState before, SimulationState after)
    {
        if (before.Status != after.Status)
        {
            SimulationGrainLog.SimulationChanged(logger, Key, before.Status, after.Status, after.Reason);
            if (after.IsFinal)
            {
                ServiceProvider.GetRequiredService<OrchestratorMetrics>().Ended(after.Status, clock.GetUtcNow() - after.SubmittedAt);
            }
        }

        for (var i = 0; i < after.Stages.Length; i++)
        {
            var was = i < before.Stages.Length ? before.Stages[i].Status : StageStatus.Absent;
            if (was != after.Stages[i].Status)
            {
                SimulationGrainLog.StageChanged(logger, Key, after.Stages[i].Name, after.Stages[i].Epoch, was, after.Stages[i].Status, after.Stages[i].Reason);
            }
        }

        if (logger.IsEnabled(LogLevel.Debug) && SimulationMachine.SanityCheck(after) is { Count: > 0 } wrong)
        {
            SimulationGrainLog.NotSane(logger, Key, string.Join("; ", wrong));
        }
    }
}
