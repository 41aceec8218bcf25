using System.Collections.Immutable;
using Orchestrator.Core.Scheduling.Reservations;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>What follows for windows, and from them, as they are added and as time passes. It decides; whoever calls it stores.</summary>
public static class WindowPlanner
{
    /// <summary>A start that follows another window is moved in steps of so long, so that a delay is not written down every minute.</summary>
    private static readonly TimeSpan MoveStep = TimeSpan.FromMinutes(15);

    /// <summary>Adds one window, or with its <see cref="RollingMaintenance"/> compiled all of one, whole or not at all, and says what becomes of reservations on their nodes.</summary>
    public static WindowDecision Add(ImmutableArray<MaintenanceWindow> asked, SchedulingProblem problem, IEnumerable<MaintenanceWindow> existing, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var nodes = problem.Nodes.Select(static node => node.Id).ToHashSet();
        var known = existing.ToList();
        var refusals = ImmutableArray.CreateBuilder<ArrangementRefusal>();
        foreach (var window in asked)
        {
            refusals.AddRange(WindowMachine.Problems(window, nodes, known, now));
            known.Add(window);
        }

        if (refusals.Count > 0)
        {
            return new() { Refusals = refusals.ToImmutable() };
        }

        var windows = ImmutableArray.CreateBuilder<MaintenanceWindow>();
        var reservations = problem.Context.Reservations.ToDictionary(static reservation => reservation.Id, StringComparer.Ordinal);
        var changed = new SortedDictionary<string, Reservation>(StringComparer.Ordinal);
        var conflicts = ImmutableArray.CreateBuilder<ReservationConflict>();
        foreach (var window in asked)
        {
            var overlap = MaintenanceOverlap.Resolve(window, reservations.Values.OrderBy(static reservation => reservation.Id, StringComparer.Ordinal), now);
            windows.Add(overlap.Window);
            conflicts.AddRange(overlap.Conflicts);
            foreach (var reservation in overlap.Reservations)
            {
                reservations[reservation.Id] = changed[reservation.Id] = reservation;
            }
        }

        return new() { Windows = windows.ToImmutable(), Reservations = [.. changed.Values], Conflicts = conflicts.ToImmutable() };
    }

    /// <summary>The windows that change because time passed or their nodes became empty, in the order of their starts.</summary>
    public static ImmutableArray<MaintenanceWindow> Tick(SchedulingProblem problem, IEnumerable<MaintenanceWindow> windows, SchedulingSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(settings);
        var protection = new ProtectionBudget(problem.Nodes, problem.Running, settings.Protection);
        var all = windows.ToDictionary(static window => window.Id, StringComparer.Ordinal);
        var changed = ImmutableArray.CreateBuilder<MaintenanceWindow>();
        foreach (var before in all.Values.Where(static window => !window.IsOver).OrderBy(static window => window.Start).ThenBy(static window => window.Id, StringComparer.Ordinal).ToList())
        {
            var window = before;
            if (window.Status == WindowStatus.Pending && window.After.Length > 0 && all.TryGetValue(window.After, out var first) && StartAfter(window, first, now) is { } start)
            {
                window = WindowMachine.Step(window, new WindowInput.Moved(start), now).Window;
            }

            var blocked = now >= window.Start && window.Status is WindowStatus.Pending or WindowStatus.Blocked
                && WindowRules.BlockedBy(window, problem.Running, protection, settings, now).Any(static blocker => !blocker.Stuck);
            window = WindowMachine.Step(window, new WindowInput.Ticked(blocked), now).Window;
            if (!ReferenceEquals(window, before))
            {
                all[window.Id] = window;
                changed.Add(window);
            }
        }

        return changed.ToImmutable();
    }

    /// <summary>The next moment at which <see cref="Tick"/> changes something although nothing happens; null: none.</summary>
    public static DateTimeOffset? NextChange(IEnumerable<MaintenanceWindow> windows, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(windows);
        DateTimeOffset? next = null;
        foreach (var window in windows)
        {
            DateTimeOffset? at = window.Status switch
            {
                WindowStatus.Pending => window.Start,
                WindowStatus.Active => window.End,
                _ => null,
            };
            if (at is { } then && (next is null || then < next))
            {
                next = then < now ? now : then;
            }
        }

        return next;
    }

    private static DateTimeOffset? StartAfter(MaintenanceWindow window, MaintenanceWindow first, DateTimeOffset now)
    {
        if (first.IsOver)
        {
            // Of one that was called off nothing follows: the next keeps its own time.
            return first is { Status: WindowStatus.Completed, EndedAt: { } ended } ? ended + window.Gap : null;
        }

        var expected = first.EndBy(now) + window.Gap;
        return expected <= window.Start ? null : new DateTimeOffset((expected.UtcTicks + MoveStep.Ticks - 1) / MoveStep.Ticks * MoveStep.Ticks, TimeSpan.Zero);
    }
}
