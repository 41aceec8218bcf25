using System.Globalization;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>How far those who are no operators may arrange for themselves. An operator may do all of it.</summary>
public sealed record SubmitterLimits
{
    /// <summary>The highest priority that one may give to own work, 0 to 1. The default leaves the upper half to operators.</summary>
    public double PriorityMax { get; init; } = 0.5;

    /// <summary>The highest class that one may give to own work or to a reservation.</summary>
    public PriorityClass ClassMax { get; init; } = PriorityClass.High;

    /// <summary>A reservation lasts so long at most.</summary>
    public TimeSpan ReservationMax { get; init; } = TimeSpan.FromDays(7);

    /// <summary>And begins so far ahead at most.</summary>
    public TimeSpan ReservationAhead { get; init; } = TimeSpan.FromDays(60);

    /// <summary>And keeps so many nodes at most; null: any number.</summary>
    public int? ReservationNodes { get; init; }

    /// <summary>Why the caller may not set this, as a sentence that names the field and what is allowed; null: he may.</summary>
    public string? Problem(PrioritySetting setting, Principal caller)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role >= Role.Operator ? null
            : setting.Value > PriorityMax ? string.Create(CultureInfo.InvariantCulture, $"value: it is {setting.Value}; up to {PriorityMax} is allowed to {caller}, and more to an operator.")
            : setting.Class > ClassMax ? $"class: it is {Word(setting.Class)}; up to {Word(ClassMax)} is allowed to {caller}, and more to an operator."
            : null;
    }

    /// <summary>Why the caller may not give a stage this class; null: he may.</summary>
    public string? Problem(PriorityClass priority, Principal caller)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return caller.Role < Role.Operator && priority > ClassMax ? $"priority: it is {Word(priority)}; up to {Word(ClassMax)} is allowed to {caller}, and more to an operator." : null;
    }

    /// <summary>Why the caller may not ask for this; null: he may.</summary>
    public string? Problem(Reservation reservation, Principal caller, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Role >= Role.Operator)
        {
            return null;
        }

        var owner = reservation.Owner;
        var isOwn = caller.Institution.Length == 0 || (owner.Institution == caller.Institution && (caller.Projects.IsDefaultOrEmpty || caller.Projects.Contains(owner.Project)));
        var account = owner.Account.Value;
        return
            owner.User != caller.User ? $"owner: {caller} may reserve for {caller.User} alone; an operator may for others."
            : !isOwn ? $"project: \"{owner.Institution}/{owner.Project}\" is not of {caller}; {Projects(caller)} is allowed."
            : account is not null && account != $"p-{owner.Institution}.{owner.Project}" ? $"account: {account} does not pay for {owner.Institution}/{owner.Project}."
            : reservation.Priority > ClassMax ? $"class: it is {Word(reservation.Priority)}; up to {Word(ClassMax)} is allowed to {caller}, and more to an operator."
            : reservation.End - reservation.Start > ReservationMax ? $"end: it lasts {Words(reservation.End - reservation.Start)}; up to {Words(ReservationMax)} is allowed to {caller}, and more to an operator."
            : reservation.Start - now > ReservationAhead ? $"start: it begins in {Words(reservation.Start - now)}; up to {Words(ReservationAhead)} ahead is allowed to {caller}, and more to an operator."
            : reservation.Wanted.Nodes > ReservationNodes ? $"wanted.nodes: {reservation.Wanted.Nodes} nodes; up to {ReservationNodes} is allowed to {caller}, and more to an operator."
            : null;
    }

    private static string Projects(Principal caller) =>
        caller.Projects.IsDefaultOrEmpty ? $"any of {caller.Institution}" : string.Join(", ", caller.Projects.Select(project => $"{caller.Institution}/{project}"));

    private static string Word(PriorityClass priority) => priority.ToString().ToLowerInvariant();

    private static string Words(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.##} days");
}
