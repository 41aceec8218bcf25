using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Silo.Gateway.Nodes;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>Maintenance windows.</summary>
internal static class WindowRoutes
{
    public static void Map(Routes routes)
    {
        var (access, clock) = (routes.Get<ClusterAccess>(), routes.Get<TimeProvider>());
        routes.Map("GET", "/v1/windows", new() { Summary = "Maintenance windows by start, each with who is in its way.", Returns = typeof(Page<WindowView>) }, async call =>
        {
            call.Query.Check();
            var windows = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Windows;

            // Who decides about windows sees all who are in their way; others see their own.
            var seen = call.Caller.Principal.Role >= Role.Operator ? null : ClusterScope.SeenBy(call.Caller, await access.Cluster.GetAsync(call.Cancellation));
            return Reply.Json(new Page<WindowView> { Items = seen is null ? windows : [.. windows.Select(view => view with { Blockers = [.. view.Blockers.Where(blocker => seen.Contains(blocker.Attempt))] })] });
        });
        routes.Map(
            "POST", "/v1/windows",
            new() { Summary = "Add a maintenance window, or one for each group of nodes of a rolling one.", Role = Role.Operator, Action = "window.add", Takes = typeof(WindowRequest), Returns = typeof(Page<WindowView>), Status = 201 },
            async call =>
            {
                var request = call.ReadOrder<WindowRequest>();
                call.Subject = request.Id;
                var cluster = await access.Cluster.GetAsync(call.Cancellation);
                var known = (await access.Cluster.GetArrangementsAsync(call.Cancellation)).Windows.Select(static view => view.Window).ToArray();
                var windows = Read(request, [.. cluster.Nodes.Select(static node => node.Id)], known, clock.GetUtcNow());
                var reply = await access.Cluster.AddWindowsAsync(windows, CancellationToken.None);
                if (!reply.Accepted)
                {
                    throw BodyCheck.Refused(reply.Problem);
                }

                var names = windows.Select(static window => window.Id).ToHashSet(StringComparer.Ordinal);
                var after = (await access.Cluster.GetArrangementsAsync(CancellationToken.None)).Windows.Where(view => names.Contains(view.Window.Id));
                return Reply.Json(new Page<WindowView> { Items = [.. after] }, 201) with { Location = "/v1/windows", Details = string.Join(", ", windows.Select(static window => window.Id)) };
            });
        routes.Map(
            "POST", "/v1/windows/{id}/cancel",
            new() { Summary = "Call a window off before it begins.", Role = Role.Operator, Action = "window.cancel", Takes = typeof(Reasoned), Returns = typeof(ArrangementReply) },
            async call =>
            {
                var reason = Reasoned.From(call).Reason ?? "";
                return ClusterAccess.Answer(await access.Cluster.CancelWindowAsync(call.Route("id"), reason, CancellationToken.None), reason);
            });
        routes.Map(
            "POST", "/v1/windows/{id}/complete",
            new() { Summary = "The work of a window is done before its end.", Role = Role.Operator, Action = "window.complete", Takes = typeof(Reasoned), Returns = typeof(ArrangementReply) },
            async call => ClusterAccess.Answer(await access.Cluster.CompleteWindowAsync(call.Route("id"), CancellationToken.None), Reasoned.From(call).Reason));
    }

    /// <exception cref="ProblemException">Something is wrong: all of it is told.</exception>
    private static ImmutableArray<MaintenanceWindow> Read(WindowRequest request, IReadOnlyList<NodeId> nodes, IReadOnlyList<MaintenanceWindow> known, DateTimeOffset now)
    {
        var check = new BodyCheck(now);
        var severity = check.Choice("severity", request.Severity, WindowSeverity.Major);
        var (start, end) = check.Span(request.Start, request.End, request.Duration);
        var gap = check.Duration("gap", request.Gap) ?? TimeSpan.Zero;
        ImmutableArray<NodeId> named = [.. NodesOf(request.Nodes, "nodes", check)];
        var groups = request.Groups.IsDefault ? [] : request.Groups;
        var rolls = groups.Length > 0 || request.GroupSize is not null;
        check.Require(groups.IsEmpty || request.GroupSize is null, "groupSize", "groups are named too", "groups, or the size of groups");
        check.Require(request.GroupSize is not < 1, "groupSize", $"it is {request.GroupSize}", "1 or more");
        check.Require(groups.IsEmpty || named.IsEmpty, "nodes", "groups are named too", "no nodes beside groups");
        check.Require(rolls || request.Gap is null, "gap", "it is for the groups of a rolling maintenance", "none without groups or groupSize");
        if (!rolls)
        {
            var window = new MaintenanceWindow
            {
                Id = request.Id,
                Severity = severity,
                Start = start,
                End = end,
                Nodes = named,
                Description = request.Description,
                Cancellable = request.Cancellable,
            };
            check.Add(WindowMachine.Problems(window, nodes.ToHashSet(), known, now).Where(static problem => problem.Field != "severity"));
            check.Throw();
            return [window];
        }

        var compiled = new RollingMaintenance
        {
            Id = request.Id,
            Severity = severity,
            Start = start,
            Duration = end > start ? end - start : TimeSpan.Zero,
            Gap = gap,
            Groups = groups.Length > 0
                ? [.. groups.Select(group => NodesOf(group, "groups", check).ToImmutableArray())]
                : RollingMaintenance.GroupsOf(named.IsEmpty ? nodes : named, Math.Max(1, request.GroupSize ?? 1)),
            WhenDone = request.WhenDone,
            Description = request.Description,
            Cancellable = request.Cancellable,
        };
        check.Add(compiled.Problems());
        check.Throw();
        var windows = compiled.Compile();
        var before = known.ToList();
        var all = nodes.ToHashSet();
        foreach (var window in windows)
        {
            check.Add(WindowMachine.Problems(window, all, before, now));
            before.Add(window);
        }

        check.Throw();
        return windows;
    }

    private static IEnumerable<NodeId> NodesOf(ImmutableArray<string> names, string path, BodyCheck check)
    {
        foreach (var name in names.IsDefault ? [] : names)
        {
            if (name != "all" && check.Node(path, name) is { } node)
            {
                yield return node;
            }
        }
    }
}
