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

        // Nodes of others say nothing: those of the user may come yet, as all do in a cluster without any.
        var nodes = state.Nodes.Values.Select(ClusterPlanning.Schedulable).Where(node => node.User.Length == 0 || node.User == owner.User).ToArray();
        return
        [
            .. (requests.IsDefault ? [] : requests).Select(request =>
                ResourceRules.Problem(request) is { } problem ? $"resources.{problem}"
                : nodes.Length == 0 ? ""
                : NearestFit.Find(request, owner.User, nodes, state.Licences)?.Words ?? ""),
        ];
    }
}
