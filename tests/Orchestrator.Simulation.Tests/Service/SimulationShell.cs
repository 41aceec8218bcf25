using System.Runtime.CompilerServices;
using System.Text.Json;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Simulation.Tests.Worlds;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>
/// As SimulationGrain: a call is step, store, reply; what is merely done of what was owed is stored with the next change. Index and history are written to storage and read by nobody.
/// </summary>
internal sealed class SimulationShell(Activation activation, Parts parts, IFiles files) : Shell(activation)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly ConditionalWeakTable<SimulationInput, StrongBox<long>> askedAt = [];
    private SimulationState state = new();
    private long etag;
    private Pump<SimulationEffect, SimulationInput> pump = null!;
    private GrainTimer due = null!;
    private bool outcomeUnknown;
    private long nudges;
    private DateTimeOffset watchedSince;

    private string ClusterKey => state.Definition.Cluster.Value;

    public override async Task ActivateAsync()
    {
        (etag, var stored) = await Service.Storage.ReadAsync(Activation, Key);

        // As it is stored: what is not written is not read.
        state = stored is SimulationState known ? JsonSerializer.Deserialize<SimulationState>(JsonSerializer.Serialize(known, Json), Json)! : new();
        pump = new(Activation)
        {
            Owed = () => outcomeUnknown ? [] : SimulationMachine.Owed(state),
            LaneOf = static effect => effect.Lane,
            Perform = PerformAsync,
            Apply = ApplyAsync,
        };
        due = new(Activation, () => outcomeUnknown ? Task.CompletedTask : HandleAsync(new SimulationInput.Tick()));
        watchedSince = Now;
        state = parts.Step(state, new SimulationInput.Nudged(), Now, watchedSince);
        Arm();
    }

    /// <summary>True: it is accepted, now or before.</summary>
    public async Task<bool> SubmitAsync(SimulationDefinition definition, int order)
    {
        if (state.Status != SimulationStatus.Absent)
        {
            return SimulationRules.Same(state.Definition, definition);
        }

        if (SimulationRules.Problem(definition) is { } problem)
        {
            throw new InvalidOperationException(problem);
        }

        await Service.RegisterReminderAsync(Activation, TimeSpan.FromMinutes(World.Dice.Between(1, 9)), TimeSpan.FromMinutes(World.Dice.Between(5, 10)));
        await HandleAsync(new SimulationInput.Submit(definition, order));
        return true;
    }

    public async Task<bool> ControlAsync(SimulationInput input)
    {
        if (state.Status == SimulationStatus.Absent || !SimulationMachine.Allows(state, input))
        {
            return false;
        }

        await HandleAsync(input);
        return true;
    }

    public async Task<ReportReply> ReportAsync(AttemptReport report)
    {
        if (state.Status == SimulationStatus.Absent)
        {
            return new() { Verdict = ReportVerdict.Stale, Instruction = ReportInstruction.Discard };
        }

        if (parts.Judge(state, report) == ReportVerdict.OutOfOrder)
        {
            await LookAsync(report.Attempt);
        }

        var verdict = parts.Judge(state, report);
        if (verdict is ReportVerdict.Accepted or ReportVerdict.Stale)
        {
            await HandleAsync(new SimulationInput.Reported(report));
        }

        return SimulationMachine.Answer(state, report, verdict);
    }

    public async Task<LaunchSpecification?> GetLaunchAsync(AttemptId attempt, NodeId node)
    {
        await LookAsync(attempt);
        return SimulationMachine.Launch(state, attempt, node, out _);
    }

    public Task NudgeAsync()
    {
        nudges++;
        return HandleAsync(new SimulationInput.Nudged());
    }

    public override async Task ReceiveReminderAsync()
    {
        if (state.Status == SimulationStatus.Absent || (state.IsFinal && SimulationMachine.Owed(state).Count == 0))
        {
            await Service.RemoveReminderAsync(Activation);
            return;
        }

        if (parts.RemindersReconcile)
        {
            await HandleAsync(new SimulationInput.Nudged());
        }

        await HandleAsync(new SimulationInput.Tick());
    }

    private async Task HandleAsync(SimulationInput input)
    {
        if (outcomeUnknown)
        {
            throw new CallFailedException("it is read again");
        }

        var before = state;
        var after = parts.Step(before, input, Now, watchedSince);
        if (!ReferenceEquals(after, before))
        {
            state = after;
            if (after.Version != before.Version || (after.IsFinal && SimulationMachine.Owed(after).Count == 0))
            {
                try
                {
                    etag = await Service.Storage.WriteAsync(Activation, Key, etag, after);
                }
                catch (CallFailedException)
                {
                    outcomeUnknown = true;
                    Activation.Leave();
                    throw;
                }
            }
        }

        Arm();
    }

    private async Task LookAsync(AttemptId attempt)
    {
        var i = state.IndexOf(attempt.Stage ?? "");
        if (i >= 0 && state.Stages[i].Live is { IsGranted: false } live && live.Epoch == attempt.Epoch)
        {
            var seen = await CallAsync<ClusterShell, LeaseStatus>(ClusterKey, cluster => cluster.GetLeaseAsync(attempt));
            await HandleAsync(new SimulationInput.LeaseSeen(seen.OrThrow()));
        }
    }

    private async Task<SimulationInput> PerformAsync(SimulationEffect effect)
    {
        var asked = nudges;
        var outcome = await DoAsync(effect);
        if (effect is SimulationEffect.ReadLease or SimulationEffect.RequestLease or SimulationEffect.OrderLease)
        {
            askedAt.Add(outcome, new(asked));
        }

        return outcome;
    }

    private async Task<SimulationInput> DoAsync(SimulationEffect effect)
    {
        switch (effect)
        {
            case SimulationEffect.AppendEvents append:
                await Service.Log.AppendAsync(Activation, append.Events);
                return new SimulationInput.EventsLogged(append.Events[^1].Sequence);
            case SimulationEffect.WriteIndex write:
                await Service.Storage.DoAsync(Activation, static () => { });
                return new SimulationInput.Indexed(write.State.Version);
            case SimulationEffect.KeepHistory keep:
                await Service.Storage.DoAsync(Activation, static () => { });
                return new SimulationInput.HistoryKept(keep.Rows[^1].Sequence);
            case SimulationEffect.ReleaseLease release:
                (await CallAsync<ClusterShell, bool>(release.Cluster.Value, cluster => cluster.ReleaseAsync(release.Attempt, release.Ending))).OrThrow();
                return release.Done;
            case SimulationEffect.RequestLease request:
                return new SimulationInput.LeaseRequested((await CallAsync<ClusterShell, LeaseStatus>(request.Cluster.Value, cluster => cluster.RequestAsync(request.Request))).OrThrow());
            case SimulationEffect.OrderLease order:
                return new SimulationInput.OrderSent(order.Order, (await CallAsync<ClusterShell, LeaseStatus>(order.Cluster.Value, cluster => cluster.OrderAsync(order.Order))).OrThrow());
            case SimulationEffect.ReadLease read:
                return new SimulationInput.LeaseSeen((await CallAsync<ClusterShell, LeaseStatus>(read.Cluster.Value, cluster => cluster.ReadLeaseAsync(read.Attempt, read.CheckpointedAt))).OrThrow());
            case SimulationEffect.SeeNodes see:
                var doubt = "";
                foreach (var node in see.Nodes.TakeWhile(_ => doubt.Length == 0))
                {
                    doubt = (await CallAsync<NodeShell, string>(node.Value, static shell => shell.UnclearAsync())).OrThrow();
                }

                return new SimulationInput.NodesSeen(see.Attempt, doubt.Length == 0 ? null : doubt);
            case SimulationEffect.DeleteCheckpoint delete:
                await Activation.DelayAsync(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50));
                files.DeleteCheckpoint(delete.Checkpoint);
                return new SimulationInput.FilesDeleted(delete.Checkpoint.Attempt, delete.Checkpoint.Name);
            case SimulationEffect.ClearRun clear:
                var lease = (await CallAsync<ClusterShell, LeaseStatus>(clear.Cluster.Value, cluster => cluster.GetLeaseAsync(clear.Clearing.Attempt))).OrThrow();
                return new SimulationInput.RunCleared(clear.Clearing, lease.IsGone);
            case SimulationEffect.RemoveReminder:
                await Service.RemoveReminderAsync(Activation);
                return new SimulationInput.ReminderRemoved();
            default:
                throw new NotSupportedException($"Nothing here performs {effect.GetType().Name}.");
        }
    }

    private async Task ApplyAsync(SimulationInput outcome)
    {
        await HandleAsync(outcome);
        if (askedAt.TryGetValue(outcome, out var asked) && asked.Value != nudges)
        {
            await HandleAsync(new SimulationInput.Nudged());
        }
    }

    private void Arm()
    {
        pump.Arm();
        due.Change(SimulationMachine.Due(state, parts.SimulationPolicy with { WatchedSince = watchedSince }) is { } at ? at - Now : null);
    }
}
