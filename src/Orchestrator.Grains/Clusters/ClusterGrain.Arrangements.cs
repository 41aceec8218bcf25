using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Grains.Access;

namespace Orchestrator.Grains.Clusters;

/// <summary>What people arrange.</summary>
internal sealed partial class ClusterGrain
{
    /// <summary>Who calls, in words for the ledger.</summary>
    private static string Caller => CallerContext.Principal?.ToString() ?? "";

    public Task<ArrangementReply> AddWindowsAsync(ImmutableArray<MaintenanceWindow> windows, CancellationToken cancellationToken) =>
        ArrangeAsync(new ClusterInput.WindowsAdded([.. (windows.IsDefault ? [] : windows).Select(static window => Caller.Length == 0 ? window : window with { By = Caller })]));

    public Task<ArrangementReply> CancelWindowAsync(string window, string reason, CancellationToken cancellationToken) =>
        ArrangeAsync(new ClusterInput.WindowCancelled(window, reason ?? "", Caller));

    public Task<ArrangementReply> CompleteWindowAsync(string window, CancellationToken cancellationToken) => ArrangeAsync(new ClusterInput.WindowCompleted(window, Caller));

    public Task<ArrangementReply> DecideConflictAsync(string conflict, bool newer, CancellationToken cancellationToken) => ArrangeAsync(new ClusterInput.ConflictDecided(conflict, newer, Caller));

    public Task<ArrangementReply> RequestReservationAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        var caller = CallerContext.Principal;
        return caller is not null && policy.Submitters.Problem(reservation, caller, clock.GetUtcNow()) is { } problem
            ? Refused(problem)
            : ArrangeAsync(new ClusterInput.ReservationRequested(caller is null ? reservation : reservation with { By = caller.ToString() }));
    }

    public Task<ArrangementReply> CancelReservationAsync(string reservation, string reason, CancellationToken cancellationToken) =>
        NotHis(reservation, "cancel") is { } problem ? Refused(problem) : ArrangeAsync(new ClusterInput.ReservationCancelled(reservation, reason ?? "", Caller));

    public Task<ArrangementReply> CompleteReservationAsync(string reservation, CancellationToken cancellationToken) =>
        NotHis(reservation, "complete") is { } problem ? Refused(problem) : ArrangeAsync(new ClusterInput.ReservationCompleted(reservation, Caller));

    public Task<ArrangementsView> GetArrangementsAsync(CancellationToken cancellationToken) => Task.FromResult(ClusterViews.Of(store.State, planner.Settings, clock.GetUtcNow()));

    public Task<ArrangementReply> SetPriorityAsync(PrioritySetting priority, CancellationToken cancellationToken) =>
        (Stranger(PrioritySetting.TargetOf(priority.Target)) ?? TooHigh(priority)) is { } problem ? Refused(problem) : ArrangeAsync(new ClusterInput.PrioritySet(Caller.Length == 0 ? priority : priority with { By = Caller }));

    public Task<ArrangementReply> SetDeadlineAsync(DeadlineSetting deadline, CancellationToken cancellationToken) =>
        Stranger(deadline.Simulation.Value ?? "") is { } problem ? Refused(problem) : ArrangeAsync(new ClusterInput.DeadlineSet(Caller.Length == 0 ? deadline : deadline with { By = Caller }));

    public Task<ArrangementReply> SetPolicyAsync(string policyText, CancellationToken cancellationToken) => ArrangeAsync(new ClusterInput.PolicySet(policyText ?? "", Caller));

    public Task<ArrangementReply> SetLicencesAsync(ImmutableSortedDictionary<string, int> licences, CancellationToken cancellationToken) => ArrangeAsync(new ClusterInput.LicencesSet(licences, Caller));

    public Task<ArrangementReply> SetEnergyAsync(EnergyOutlook energy, CancellationToken cancellationToken) => ArrangeAsync(new ClusterInput.EnergySet(energy, Caller));

    public Task<ArrangementReply> PreemptAsync(AttemptId attempt, string reason, CancellationToken cancellationToken)
    {
        if (StatusOf(attempt) is { State: LeaseState.Granted, Stop: not Core.Simulations.StopReason.Absent })
        {
            return Task.FromResult(new ArrangementReply { Accepted = true });
        }

        return ArrangeAsync(new ClusterInput.PreemptionOrdered(new()
        {
            Victim = attempt,
            Trigger = PreemptionTrigger.Admin,
            For = Caller,
            StopBy = clock.GetUtcNow() + planner.Settings.Preemption.CheckpointWait,
            Action = PreemptionAction.CheckpointAndStop,
            Reason = reason ?? "",
        }));
    }

    public async Task<ArrangementReply> MigrateAsync(MigrationOrder order, CancellationToken cancellationToken)
    {
        var (moved, problem) = ClusterMigrations.Of(store.State, order, Caller, planner.Settings.Preemption, checkpoints, clock.GetUtcNow());
        if (problem is not null)
        {
            return new() { Problem = problem };
        }

        // Those that began to leave in between are refused, and it is as it was asked.
        var replies = await Task.WhenAll(moved.Select(preemption => ArrangeAsync(new ClusterInput.PreemptionOrdered(preemption))));
        return new() { Accepted = true, Changed = replies.Any(static reply => reply.Changed) };
    }

    private static Task<ArrangementReply> Refused(string problem) => Task.FromResult(new ArrangementReply { Problem = problem });

    private async Task<ArrangementReply> ArrangeAsync(ClusterInput input)
    {
        await EnsureReminderAsync();
        var step = await StepAsync(input);
        var problem = step.Refusal ?? (step.Decided is { Refusals.IsEmpty: false } decided ? string.Join("; ", decided.Refusals) : "");
        return new() { Accepted = problem.Length == 0, Problem = problem, Changed = step.Changed, Offers = step.Decided?.Offers ?? [], Reservation = step.Decided?.Reservation };
    }

    private string? TooHigh(PrioritySetting priority) => CallerContext.Principal is { } caller ? policy.Submitters.Problem(priority, caller) : null;

    /// <summary>Why the caller may not end the reservation: it is not his, and he is no operator.</summary>
    private string? NotHis(string reservation, string verb) =>
        CallerContext.Principal is { Role: < Role.Operator } caller && store.State.Reservations.TryGetValue(reservation, out var known)
        && (known.Owner.User != caller.User || (caller.Institution.Length > 0 && known.Owner.Institution != caller.Institution))
            ? $"owner: the reservation is {known.Owner.User}'s; an operator may {verb} it."
            : null;

    /// <summary>Why the caller may not decide about the work: it is not his, and he is no operator.</summary>
    private string? Stranger(string target)
    {
        if (CallerContext.Principal is not { Role: < Role.Operator } caller)
        {
            return null;
        }

        var owners = ClusterMachine.OwnersOf(store.State, target);
        return owners.IsEmpty ? $"target: the cluster has nothing of \"{target}\" now; an operator may decide about it nevertheless."
            : owners.Any(owner => owner != caller.User) ? $"target: not all of \"{target}\" is {caller.User}'s; an operator may decide about others' work."
            : null;
    }
}
