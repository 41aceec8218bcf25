using Orchestrator.Core.Accounts;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>Whose work runs inside of a reservation that it names, and what becomes of work whose reservation is none, or none any more: it waits like work without one.</summary>
public static class ReservationEntry
{
    /// <summary>
    /// Whether work of an owner may run inside once it is in force: the user's, or without a user all of the project's. Names of users and projects are an institution's: the same ones of another are others'.
    /// What is kept for a protected simulation is entered by nobody's naming it.
    /// </summary>
    public static bool IsFor(Reservation reservation, Ownership work)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentNullException.ThrowIfNull(work);
        var owner = reservation.Owner;
        return reservation.Simulation.Length == 0 && owner.Institution == work.Institution && (owner.User.Length > 0 ? owner.User == work.User : owner.Project == work.Project);
    }

    /// <summary>Whether work that names it is to wait for it, or to run inside: it may, and it is not over.</summary>
    public static bool Binds(Reservation? reservation, Ownership work) => reservation is { IsOver: false } && IsFor(reservation, work);

    /// <summary>Why new work may not name a reservation, as a sentence that names the field and what is allowed; null: it may. Others' are as if they were not there.</summary>
    /// <param name="name">The reservation as it was named; "": none.</param>
    /// <param name="work">Whose the work is.</param>
    /// <param name="all">The reservations that there are.</param>
    public static string? Problem(string name, Ownership work, IReadOnlyCollection<Reservation> all)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(all);
        var known = name.Length == 0 ? null : all.FirstOrDefault(reservation => reservation.Id == name && IsFor(reservation, work));
        if (name.Length == 0 || known is { IsOver: false })
        {
            return null;
        }

        var others = string.Join(", ", all.Where(reservation => Binds(reservation, work)).OrderBy(static reservation => reservation.Start).ThenBy(static reservation => reservation.Id, StringComparer.Ordinal).Select(static reservation => reservation.Id));
        var what = known is null ? $"\"{name}\" is no reservation for work of {work.User} in {work.Institution}/{work.Project}"
            : FormattableString.Invariant($"\"{name}\" is over since {known.EndedAt ?? known.End:u}");
        return $"reservation: {what}; {(others.Length > 0 ? $"{others}, or none" : "none, since there is no other")}.";
    }

    /// <summary>What becomes of waiting work that named a reservation, as a sentence; null: it named none.</summary>
    public static string? Tell(string name, Ownership work, IReadOnlyCollection<Reservation> all)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(all);
        return name.Length == 0 ? null : all.FirstOrDefault(reservation => reservation.Id == name && IsFor(reservation, work)) switch
        {
            null => $"It names the reservation {name}, which is none of its own, or is over since long: it waits like work without a reservation.",
            { IsOver: true } over => FormattableString.Invariant($"Its reservation {name} is over since {over.EndedAt ?? over.End:u}: it waits like work without a reservation."),
            { State: ReservationState.Active } active => FormattableString.Invariant($"It runs inside of its reservation {name} alone, which lasts until {active.End:u}."),
            { State: ReservationState.Requested } asked => FormattableString.Invariant($"Its reservation {name}, from {asked.Start:u} to {asked.End:u}, is not confirmed yet."),
            var later => FormattableString.Invariant($"Its reservation {name} begins at {later.Start:u} and lasts until {later.End:u}."),
        };
    }
}
