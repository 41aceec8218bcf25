using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Access;

namespace Orchestrator.Grains.Simulations;

internal sealed partial class SimulationGrain
{
    public async Task<ControlReply> ControlAsync(SimulationOrder order, CancellationToken cancellationToken = default)
    {
        if (store.State.Status == SimulationStatus.Absent)
        {
            return new() { Outcome = ControlOutcome.NotFound, Reason = $"there is no simulation '{Key}'." };
        }

        if (order.SteeredBy is { } set && set != store.State.Definition.Scenario)
        {
            return new() { Outcome = ControlOutcome.Refused, Status = store.State.Status, Reason = $"steeredBy: {Key} is none of {set}'s; only the set that it was submitted with steers it." };
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

        var (owner, campaign) = (store.State.Definition.Owner, store.State.Definition.Campaign);
        var reply = await Cluster.SetPriorityAsync(setting with { Project = owner.Institution.Length == 0 ? "" : $"{owner.Institution}/{owner.Project}", Campaign = campaign }, cancellationToken);
        return reply.Accepted
            ? new() { Outcome = reply.Changed ? ControlOutcome.Accepted : ControlOutcome.Unchanged, Status = store.State.Status }
            : new() { Outcome = ControlOutcome.Refused, Status = store.State.Status, Reason = reply.Problem };
    }
}
