using System.Collections.Immutable;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Clusters;
using Orchestrator.Grains.Nodes;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Silos;

/// <summary>The deployment at a glance.</summary>
internal static class StatusRoutes
{
    public static void Map(Routes routes)
    {
        var (grains, index, events) = (routes.Get<IGrainFactory>(), routes.Get<ISimulationIndex>(), routes.Get<IEventLog>());
        var (identity, deployment, detection) = (routes.Get<SiloIdentity>(), routes.Get<SiloConfiguration>().Deployment, routes.Get<IOptions<NodeOptions>>().Value);
        routes.Map("GET", "/v1/status", new() { Summary = "The deployment at a glance.", Returns = typeof(SiloStatus) }, async call =>
        {
            var counts = await index.CountByStatusAsync(SimulationScope.Of(call.Caller), call.Cancellation);
            var cluster = await grains.GetGrain<IClusterGrain>(deployment.Cluster).GetAsync(call.Cancellation);
            return Reply.Json(new SiloStatus
            {
                Version = identity.Version,
                StartedAt = identity.StartedAt,
                Cluster = deployment.ClusterId,
                Simulations = counts.ToImmutableSortedDictionary(static pair => Names.Camel(pair.Key), static pair => pair.Value),
                Nodes = cluster.Nodes.CountBy(static node => Names.Camel(node.Status.ToString())).ToImmutableSortedDictionary(static pair => pair.Key, static pair => (long)pair.Value),
                Queued = cluster.Queue.Length,
                Running = cluster.Leases.Count(static lease => lease.State == LeaseState.Granted),
                LastEvent = await events.LastPositionAsync(call.Cancellation),
                HeartbeatInterval = detection.HeartbeatInterval,
                DetectionWindow = detection.DetectionWindow,
                Caller = call.Caller.Principal.User,
            });
        });
    }
}
