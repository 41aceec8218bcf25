using System.Runtime.CompilerServices;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Reminders;
using Orleans.Runtime;

namespace Orchestrator.Grains.Simulations;

internal sealed partial class SimulationGrain
{
    /// <summary>Wakes it, should nothing else.</summary>
    private const string ReminderName = "checkpoint";

    private static readonly TimeSpan ReminderPeriodMin = TimeSpan.FromMinutes(5);

    /// <summary>How many nudges came, and how many had come when an answer of the cluster was asked for: one that is older than a nudge says nothing of what the nudge was about.</summary>
    private long nudges;
    private readonly ConditionalWeakTable<SimulationInput, StrongBox<long>> askedAt = [];

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

    /// <summary>Asks the cluster for whom an attempt had to leave, and whether it is to move. Its end is taken in any case: the cluster may be away.</summary>
    private async Task AskWhyAsync(AttemptId attempt, CancellationToken cancellationToken)
    {
        LeaseStatus lease;
        try
        {
            lease = await Cluster.GetLeaseAsync(attempt, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            SimulationGrainLog.ReasonNotHeard(logger, Key, attempt.Stage, attempt.Epoch, error);
            return;
        }

        if (lease.State == LeaseState.Granted)
        {
            await HandleAsync(new SimulationInput.LeaseSeen(lease));
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
}
