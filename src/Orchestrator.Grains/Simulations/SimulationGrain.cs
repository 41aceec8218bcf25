using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Clusters;
using Orchestrator.Grains.Effects;
using Orchestrator.Grains.Nodes;
using Orchestrator.Grains.Telemetry;
using Orchestrator.Storage;
using Orleans.Runtime;

namespace Orchestrator.Grains.Simulations;

/// <summary>The shell around <see cref="SimulationMachine"/>: a call is step, store, reply; what is owed is done by the pump.</summary>
[GrainType("simulation")]
internal sealed partial class SimulationGrain(
    [PersistentState("simulation", "main")] IPersistentState<SimulationState> store,
    [FromKeyedServices(TimeProviderNames.Grains)] TimeProvider clock,
    SimulationEffects effects,
    IOptions<SimulationOptions> options,
    IOptions<NodeOptions> nodes,
    IOptions<ClusterOptions> clusters,
    ILogger<SimulationGrain> logger) : Grain, ISimulationGrain, IRemindable
{
    /// <summary>A timer takes no longer times; it is armed again then.</summary>
    private static readonly TimeSpan DueMax = TimeSpan.FromDays(1);

    private SimulationPolicy policy = options.Value.Policy(nodes.Value);
    private EffectPump<SimulationEffect, SimulationInput> pump = null!;
    private IGrainTimer due = null!;
    private bool outcomeUnknown;

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
        else if (SimulationMachine.LeftUnheard(store.State, report))
        {
            await AskWhyAsync(report.Attempt, cancellationToken);
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
