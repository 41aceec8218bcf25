using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>Tells before anything is queued what no nodes of a cluster could ever hold, and which come nearest.</summary>
public static class ClusterFitting
{
    /// <summary>For each request why it never fits, in words; "": it may. A cluster that has no nodes yet refuses only what is malformed.</summary>
    public static ImmutableArray<string> Check(ClusterState state, ImmutableArray<ResourceRequest> requests, Ownership owner)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(owner);
        var nodes = state.Nodes.Values.Select(ClusterPlanning.Schedulable).ToArray();
        return
        [
            .. (requests.IsDefault ? [] : requests).Select(request =>
                ResourceRules.Problem(request) is { } problem ? $"resources.{problem}"
                : nodes.Length == 0 ? ""
                : NearestFit.Find(request, owner.User, nodes, state.Licences)?.Words ?? ""),
        ];
    }
}
