using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>What a maintenance window may do to whom.</summary>
public static class WindowRules
{
    /// <summary>
    /// Whether work or a reservation of a class is preempted for a window.
    /// <code>
    ///            background  low  medium  high  critical
    /// minor      yes
    /// major      yes         yes
    /// critical   yes         yes  yes     yes   yes
    /// </code>
    /// </summary>
    public static bool Preempts(WindowSeverity severity, PriorityClass priority) => severity switch
    {
        WindowSeverity.Critical => true,
        WindowSeverity.Major => priority is PriorityClass.Low or PriorityClass.Background,
        WindowSeverity.Minor => priority == PriorityClass.Background,
        _ => false,
    };

    /// <summary>
    /// What becomes of running work that does not end before a window on its nodes.
    /// <code>
    /// critical   all leave before its start
    /// major      low and background, and all that can checkpoint, leave before its start; the rest (protected, critical class, without checkpoints)
    ///            may delay it by a bounded time in all, and leaves sooner where little is lost
    /// minor      background leaves before its start; the rest stays until it ends
    /// </code>
    /// </summary>
    public static WindowClaim Claim(WindowSeverity severity, RunningLease lease, bool isProtected)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return severity switch
        {
            WindowSeverity.Critical => WindowClaim.Leaves,
            WindowSeverity.Major => isProtected || lease.Priority == PriorityClass.Critical ? WindowClaim.MayDelay
                : lease.CanCheckpoint || Preempts(severity, lease.Priority) ? WindowClaim.Leaves
                : WindowClaim.MayDelay,
            _ => !isProtected && Preempts(severity, lease.Priority) ? WindowClaim.Leaves : WindowClaim.Stays,
        };
    }

    /// <summary>By when it must have left; null: it may stay until it ends.</summary>
    public static DateTimeOffset? MustLeaveBy(MaintenanceWindow window, RunningLease lease, bool isProtected, ProtectionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(settings);
        return Claim(window.Severity, lease, isProtected) switch
        {
            WindowClaim.Leaves => window.Start,
            WindowClaim.MayDelay => window.Start + settings.DelayMajor,
            _ => null,
        };
    }

    /// <summary>Everybody that is on the window's nodes at its start or later, as far as is known now; once the start has come, everybody that is there.</summary>
    public static IReadOnlyList<WindowBlocker> BlockedBy(MaintenanceWindow window, IEnumerable<RunningLease> running, ProtectionBudget protection, SchedulingSettings settings, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(running);
        ArgumentNullException.ThrowIfNull(protection);
        ArgumentNullException.ThrowIfNull(settings);
        if (window.IsOver)
        {
            return [];
        }

        var blockers = new List<WindowBlocker>();
        foreach (var lease in running.Where(lease => lease.Shares.Any(share => window.Covers(share.Node))))
        {
            var isProtected = protection.Protects(lease);
            var ends = lease.EndsBy is { } by && by > now ? by : lease.EndsBy is null ? null : (DateTimeOffset?)now;
            var must = MustLeaveBy(window, lease, isProtected, settings.Protection);
            var (until, reason) =
                lease.StopBy is { } asked ? (asked, "it was asked to leave")
                : lease.Ending ? (null, "it is over, and its processes are not seen gone")
                : must is { } bound && (ends is null || bound < ends) ? (bound, Words(window, lease, isProtected))
                : (ends, ends is null ? "nobody knows when it ends" : "it runs until it ends");
            if (now < window.Start && until <= window.Start)
            {
                continue;
            }

            blockers.Add(new()
            {
                Window = window.Id,
                Attempt = lease.Attempt,
                Priority = lease.Priority,
                Protected = isProtected,
                Nodes = [.. lease.Shares.Select(static share => share.Node).Where(window.Covers).Order()],
                Until = until,
                Reason = reason,
                Stuck = VictimRules.IsStuck(lease, settings.Preemption, now),
            });
        }

        return [.. blockers.OrderByDescending(static blocker => blocker.Until ?? DateTimeOffset.MaxValue).ThenBy(static blocker => blocker.Attempt.ToString(), StringComparer.Ordinal)];
    }

    private static string Words(MaintenanceWindow window, RunningLease lease, bool isProtected) => Claim(window.Severity, lease, isProtected) switch
    {
        WindowClaim.Leaves => "it leaves before the start",
        _ when isProtected => "it is protected, which may delay a major window by so long",
        _ when lease.Priority == PriorityClass.Critical => "it is of the critical class, which may delay a major window by so long",
        _ => "it cannot checkpoint, which may delay a major window by so long",
    };
}
