using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Ids;

namespace Orchestrator.Silo.Gateway.Nodes;

/// <summary>Clusters: nodes, leases and queue.</summary>
internal static class ClusterRoutes
{
    public static void Map(Routes routes)
    {
        var (grains, deployment) = (routes.Get<IGrainFactory>(), routes.Get<SiloConfiguration>().Deployment);
        routes.Map("GET", "/v1/clusters/{id}", new() { Summary = "Nodes, leases and queue of a cluster; of work that is not the caller's to see no more than that it is there.", Returns = typeof(ClusterView) }, async call =>
        {
            var id = call.Id<ClusterId>();
            var view = await grains.GetGrain<IClusterGrain>(id.Value).GetAsync(call.Cancellation);
            if (id != deployment.ClusterId && view.Version == 0)
            {
                throw ProblemException.NotFound($"The cluster {id}");
            }

            return Reply.Json(ClusterScope.Shown(view, ClusterScope.SeenBy(call.Caller, view)));
        });
    }
}
