using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Grains.Reminders;

namespace Orchestrator.Grains.Scenarios;

internal sealed partial class ScenarioGrain
{
    private const string Reminder = "reprioritize";

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
}
