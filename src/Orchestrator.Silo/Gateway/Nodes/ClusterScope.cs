using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Explanations;

namespace Orchestrator.Silo.Gateway.Nodes;

/// <summary>What a caller sees of a cluster that institutions share: how much is used, and how long the queue is; of work that is not his to see no more than that. Its attempts are null.</summary>
internal static class ClusterScope
{
    /// <summary>Who it is that is not to be seen.</summary>
    public const string Others = "others";

    /// <summary>The attempts that the caller may see; null: all.</summary>
    public static HashSet<AttemptId>? SeenBy(Caller caller, ClusterView view) =>
        caller.SeesEverything ? null : [.. view.Leases.Concat(view.Queue).Where(status => status.Owner is { } owner && caller.Sees(owner)).Select(static status => status.Attempt)];

    public static ClusterView Shown(ClusterView view, HashSet<AttemptId>? seen) => seen is null ? view : view with
    {
        Leases = [.. view.Leases.Select(status => Shown(status, seen))],
        Queue = [.. view.Queue.Select(status => Shown(status, seen))],
    };

    public static NodeView Shown(NodeView view, HashSet<AttemptId>? seen) => seen is null ? view : view with
    {
        Wanted = [.. view.Wanted.Select(lease => seen.Contains(lease.Attempt) ? lease : new() { Share = lease.Share, IsLead = lease.IsLead })],
        Running = [.. view.Running.Select(running => seen.Contains(running.Attempt) ? running : new() { HasProcesses = running.HasProcesses })],
    };

    public static AttemptExplanation Shown(AttemptExplanation explained, HashSet<AttemptId>? seen) => seen is null ? explained : explained with
    {
        Ahead = explained.Ahead.IsDefaultOrEmpty ? explained.Ahead : [.. explained.Ahead.Select(one => seen.Contains(one.Attempt) ? one : one with { Attempt = default, Because = "" })],
        Reason = Shown(explained.Reason, seen),
        Decision = IsOthers(explained.Reason.For, seen) ? explained.Decision.Replace(explained.Reason.For!, Others, StringComparison.Ordinal) : explained.Decision,
    };

    private static LeaseStatus Shown(LeaseStatus status, HashSet<AttemptId> seen) => seen.Contains(status.Attempt)
        ? status.Reason is { } reason ? status with { Reason = Shown(reason, seen) } : status
        : new() { State = status.State, Since = status.Since, Shares = status.Shares, Ahead = status.Ahead, AllocationEnd = status.AllocationEnd };

    private static WaitReason Shown(WaitReason reason, HashSet<AttemptId> seen) => IsOthers(reason.For, seen) ? reason with { For = Others } : reason;

    private static bool IsOthers(string? name, HashSet<AttemptId> seen) => AttemptId.TryParse(name, out var attempt) && !seen.Contains(attempt);
}
