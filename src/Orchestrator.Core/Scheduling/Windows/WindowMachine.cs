using System.Diagnostics;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>
/// The life of one maintenance window.
/// <code>
///             start, nodes empty                end, or done
/// Pending ---------------------------> Active ---------------> Completed
///    |  \---start, someone is there--> Blocked --empty--^
///    +----------cancelled---------------+---------------------> Cancelled      (only a cancellable one, and only before it is active)
/// </code>
/// </summary>
public static class WindowMachine
{
    /// <summary>All that keeps it from being added; empty: nothing.</summary>
    /// <param name="window">As it is asked for.</param>
    /// <param name="nodes">Those that the cluster knows.</param>
    /// <param name="existing">The cluster's windows, over or not.</param>
    /// <param name="now">A window that is over already is refused.</param>
    public static IReadOnlyList<ArrangementRefusal> Problems(MaintenanceWindow window, IReadOnlySet<NodeId> nodes, IEnumerable<MaintenanceWindow> existing, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(existing);
        var problems = new List<ArrangementRefusal>();
        var known = existing.ToList();
        Check(ArrangementName.Explain(window.Id) is { } name, "id", ArrangementName.Explain(window.Id) ?? "");
        Check(known.Exists(other => other.Id == window.Id), "id", $"there is a window \"{window.Id}\" already; choose another name");
        Check(window.Severity is not (WindowSeverity.Minor or WindowSeverity.Major or WindowSeverity.Critical), "severity", "critical, major or minor");
        Check(window.Status != WindowStatus.Pending, "status", "a new window is pending");
        Check(window.End <= window.Start, "end", $"{window.End:u} is not after the start, {window.Start:u}");
        Check(window.End > window.Start && window.End <= now, "end", $"{window.End:u} is over already; now it is {now:u}");
        var strangers = window.Nodes.Where(node => !nodes.Contains(node)).Select(static node => node.Value ?? "").Order(StringComparer.Ordinal).ToList();
        Check(strangers.Count > 0, "nodes", $"the cluster has no {string.Join(", ", strangers.Take(5))}{(strangers.Count > 5 ? $" and {strangers.Count - 5} more" : "")}");
        Check(window.Nodes.Distinct().Count() != window.Nodes.Length, "nodes", "a node is named twice");
        Check(window.Gap < TimeSpan.Zero, "gap", "it is negative; zero or more is allowed");
        Check(window.After.Length > 0 && !known.Exists(other => other.Id == window.After), "after", $"there is no window \"{window.After}\"");
        return problems;

        void Check(bool wrong, string field, string problem)
        {
            if (wrong)
            {
                problems.Add(new() { Field = field, Problem = problem });
            }
        }
    }

    /// <summary>The window after the input.</summary>
    public static WindowStep Step(MaintenanceWindow window, WindowInput input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(window);
        return (window.Status, input) switch
        {
            (WindowStatus.Cancelled, WindowInput.Cancelled) => new(window),
            (WindowStatus.Pending or WindowStatus.Blocked, WindowInput.Cancelled cancelled) => window.Cancellable
                ? new(window with { Status = WindowStatus.Cancelled, EndedAt = now, Reason = cancelled.By.Length == 0 ? cancelled.Reason : $"{cancelled.Reason} ({cancelled.By})" })
                : Refused(window, "cancellable", "the window was added as one that cannot be cancelled"),
            (WindowStatus.Active, WindowInput.Cancelled) => Refused(window, "status", "it is active; only a pending one can be cancelled, an active one be completed"),
            (WindowStatus.Completed, WindowInput.Cancelled) => Refused(window, "status", "it is completed; only a pending one can be cancelled"),

            (WindowStatus.Completed, WindowInput.Completed) => new(window),
            (WindowStatus.Active, WindowInput.Completed) => new(window with { Status = WindowStatus.Completed, EndedAt = now }),
            (WindowStatus.Pending or WindowStatus.Blocked or WindowStatus.Cancelled, WindowInput.Completed) =>
                Refused(window, "status", $"it is {Name(window.Status)}; only an active one can be completed"),

            (WindowStatus.Pending, WindowInput.Ticked) when now < window.Start => new(window),
            (WindowStatus.Pending, WindowInput.Ticked { Blocked: true }) => new(window with { Status = WindowStatus.Blocked }),
            // Nothing kept it from beginning at its time, however late that is noticed.
            (WindowStatus.Pending, WindowInput.Ticked) => new(EndInTime(window with { Status = WindowStatus.Active, StartedAt = window.Start }, now)),
            (WindowStatus.Blocked, WindowInput.Ticked { Blocked: true }) => new(window),
            (WindowStatus.Blocked, WindowInput.Ticked) => new(window with { Status = WindowStatus.Active, StartedAt = now, End = now + window.Duration }),
            (WindowStatus.Active, WindowInput.Ticked) => new(EndInTime(window, now)),
            (WindowStatus.Completed or WindowStatus.Cancelled, WindowInput.Ticked) => new(window),

            (WindowStatus.Pending, WindowInput.Moved moved) => new(moved.Start == window.Start ? window : window with { Start = moved.Start, End = moved.Start + window.Duration }),
            (WindowStatus.Blocked or WindowStatus.Active or WindowStatus.Completed or WindowStatus.Cancelled, WindowInput.Moved) =>
                Refused(window, "status", $"it is {Name(window.Status)}; only a pending one can be moved"),

            (WindowStatus.Absent, _) => throw new InvalidTransitionException("window", window.Status.ToString(), input.GetType().Name),
            _ => throw new UnreachableException($"A window cannot take {input}."),
        };
    }

    private static MaintenanceWindow EndInTime(MaintenanceWindow window, DateTimeOffset now) =>
        now >= window.End ? window with { Status = WindowStatus.Completed, EndedAt = window.End } : window;

    private static WindowStep Refused(MaintenanceWindow window, string field, string problem) => new(window, new() { Field = field, Problem = problem });

    private static string Name(WindowStatus status) => status switch
    {
        WindowStatus.Pending => "pending",
        WindowStatus.Blocked => "blocked",
        WindowStatus.Active => "active",
        WindowStatus.Completed => "completed",
        WindowStatus.Cancelled => "cancelled",
        _ => "absent",
    };
}
