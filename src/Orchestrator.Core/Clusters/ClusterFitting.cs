using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Clusters;

/// <summary>Tells before anything is queued what no node of a cluster could ever hold.</summary>
public static class ClusterFitting
{
    /// <summary>For each request why it never fits, in words; "": it may. A cluster that has no nodes yet refuses only what is malformed.</summary>
    public static ImmutableArray<string> Check(ClusterState state, ImmutableArray<ResourceRequest> requests, Ownership owner)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(owner);
        return [.. (requests.IsDefault ? [] : requests).Select(request => ResourceRules.Problem(request) is { } problem ? $"resources.{problem}" : "")];
    }
}
