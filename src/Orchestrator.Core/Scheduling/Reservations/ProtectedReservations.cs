using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Orchestrator.Core.Scheduling.Reservations;

/// <summary>Long-term reservations: each protected simulation keeps the nodes of its live stage for at least as long as the stage lasts, whatever becomes of single segments.</summary>
public static class ProtectedReservations
{
    /// <summary>The name of a stage's reservation; the same stage always gets the same.</summary>
    public static string Name(ProtectedStage stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        var text = string.Create(CultureInfo.InvariantCulture, $"{stage.Simulation}.{stage.Stage}");
        if (ArrangementName.Explain(text) is null)
        {
            return text;
        }

        // FNV-1a: it must be the same in every process and release.
        var hash = 14695981039346656037UL;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ value) * 1099511628211UL;
        }

        var simulation = stage.Simulation.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{(simulation.Length > 40 ? simulation[..40] : simulation)}.{hash:x16}");
    }

    /// <summary>The stage's reservation: active from its start on, confirmed before.</summary>
    /// <exception cref="ArgumentException">The duration is not above zero, or it has no nodes.</exception>
    public static Reservation Of(ProtectedStage stage, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stage);
        if (stage.Duration <= TimeSpan.Zero)
        {
            throw new ArgumentException($"The duration of {stage.Simulation}/{stage.Stage} is {stage.Duration}; above zero is allowed.", nameof(stage));
        }

        if (stage.Shares.IsEmpty)
        {
            throw new ArgumentException($"{stage.Simulation}/{stage.Stage} has no nodes.", nameof(stage));
        }

        var requested = new Reservation
        {
            Id = Name(stage),
            Kind = ReservationKind.Partial,
            Start = stage.Start,
            End = stage.Start + stage.Duration,
            Wanted = stage.Resources,
            Owner = stage.Owner,
            Priority = stage.Priority,
            Preemptible = false,
            RequestedAt = now,
            Simulation = stage.Simulation.Value,
            By = "protection",
        };
        var confirmed = ReservationMachine.Step(requested with { End = Later(requested.End, now) }, new ReservationInput.Confirmed(stage.Shares), now).Reservation;
        return ReservationMachine.Step(confirmed, new ReservationInput.Ticked(), now).Reservation;
    }

    /// <summary>
    /// What changes so that there is one reservation for each stage and no other: new ones, those that follow their work to other nodes, those that are kept longer because the work
    /// lasts longer, and those whose work is over.
    /// </summary>
    /// <param name="existing">The cluster's reservations; those without a simulation are left alone.</param>
    /// <param name="stages">All protected stages that hold nodes.</param>
    /// <param name="now">The moment of the decision.</param>
    public static ImmutableArray<Reservation> Reconcile(IEnumerable<Reservation> existing, IEnumerable<ProtectedStage> stages, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(existing);
        ArgumentNullException.ThrowIfNull(stages);
        var held = existing.Where(static reservation => reservation.Simulation.Length > 0 && reservation.Holds).ToDictionary(static reservation => reservation.Id, StringComparer.Ordinal);
        var changed = new SortedDictionary<string, Reservation>(StringComparer.Ordinal);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stage in stages)
        {
            var name = Name(stage);
            if (!wanted.Add(name))
            {
                throw new ArgumentException($"{stage.Simulation}/{stage.Stage} is listed twice.", nameof(stages));
            }

            if (!held.TryGetValue(name, out var before))
            {
                changed[name] = Of(stage, now);
                continue;
            }

            var after = ReservationMachine.Step(before, new ReservationInput.Reallocated(stage.Shares), now).Reservation;
            var end = stage.Start + stage.Duration;
            if (end > after.End || after.End <= now)
            {
                after = ReservationMachine.Step(after, new ReservationInput.Moved(after.Start, Later(end, now)), now).Reservation;
            }

            if (!ReferenceEquals(after, before))
            {
                changed[name] = after;
            }
        }

        foreach (var (name, over) in held)
        {
            if (!wanted.Contains(name))
            {
                ReservationInput input = over.State == ReservationState.Active ? new ReservationInput.Completed() : new ReservationInput.Cancelled("", "its stage is over");
                changed[name] = ReservationMachine.Step(over, input, now).Reservation;
            }
        }

        return [.. changed.Values];
    }

    /// <summary>Work that overruns keeps its nodes for so long at a time.</summary>
    internal static TimeSpan Overrun => TimeSpan.FromDays(1);

    private static DateTimeOffset Later(DateTimeOffset end, DateTimeOffset now) => end > now ? end : now + Overrun;
}
