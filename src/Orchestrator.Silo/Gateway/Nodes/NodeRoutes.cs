using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Silo.Gateway.Nodes;

/// <summary>Nodes as people see and order them.</summary>
internal static class NodeRoutes
{
    /// <summary>So many nodes are asked at once.</summary>
    private const int Parallel = 16;

    public static void Map(Routes routes)
    {
        var (grains, deployment) = (routes.Get<IGrainFactory>(), routes.Get<SiloConfiguration>().Deployment);
        routes.Map(
            "GET", "/v1/nodes",
            new() { Summary = "The nodes of the cluster, by id.", Returns = typeof(Page<NodeView>), Query = [new("cursor", "Where the page before ended."), new("limit", "1 to 1000; 100 by default.")] },
            async call =>
            {
                var limit = (int)call.Query.Number("limit", 1, 1000, 100);
                call.Query.Check();
                var cursor = call.Query.Text("cursor");
                var cluster = await grains.GetGrain<IClusterGrain>(deployment.Cluster).GetAsync(call.Cancellation);
                NodeId[] ids = [.. cluster.Nodes.Select(static node => node.Id).Order().Where(id => cursor is null || string.CompareOrdinal(id.Value, cursor) > 0)];
                var views = ImmutableArray.CreateBuilder<NodeView>();
                foreach (var some in ids.Take(limit).Chunk(Parallel))
                {
                    views.AddRange((await Task.WhenAll(some.Select(id => grains.GetGrain<INodeGrain>(id.Value).GetAsync(call.Cancellation)))).OfType<NodeView>());
                }

                var seen = ClusterScope.SeenBy(call.Caller, cluster);
                return Reply.Json(new Page<NodeView> { Items = [.. views.Select(view => ClusterScope.Shown(view, seen))], Next = ids.Length > limit ? ids[limit - 1].Value : null });
            });
        routes.Map("GET", "/v1/nodes/efficiency", new() { Summary = "How fast each kind of work runs on each node, by what was learned, and how far the node is trusted; by id.", Returns = typeof(Page<NodeEfficiency>) }, async call =>
        {
            call.Query.Check();
            var cluster = grains.GetGrain<IClusterGrain>(deployment.Cluster);
            var speeds = (await cluster.GetArrangementsAsync(call.Cancellation)).Speeds;
            return Reply.Json(new Page<NodeEfficiency>
            {
                Items =
                [
                    .. (await cluster.GetAsync(call.Cancellation)).Nodes.OrderBy(static node => node.Id).Select(node => new NodeEfficiency
                    {
                        Node = node.Id,
                        Kind = node.Kind,
                        Speeds = speeds.TryGetValue(node.Kind, out var seen) ? seen : ImmutableSortedDictionary<string, double>.Empty,
                        Reliability = node.Reliability,
                        Failures = node.Failures,
                    }),
                ],
            });
        });
        routes.Map("GET", "/v1/nodes/{id}", new() { Summary = "Everything known of a node.", Returns = typeof(NodeView) }, async call =>
        {
            var id = call.Id<NodeId>();
            if (await grains.GetGrain<INodeGrain>(id.Value).GetAsync(call.Cancellation) is not { } view)
            {
                throw ProblemException.NotFound($"The node {id}");
            }

            var seen = call.Caller.SeesEverything ? null : ClusterScope.SeenBy(call.Caller, await grains.GetGrain<IClusterGrain>(deployment.Cluster).GetAsync(call.Cancellation));
            return Reply.Json(ClusterScope.Shown(view, seen));
        });
        routes.Map(
            "POST", "/v1/nodes/{id}/drain",
            new() { Summary = "Start nothing new on a node; what runs leaves with a checkpoint, or with whenIdle ends by itself.", Role = Role.Operator, Action = "node.drain", Takes = typeof(Reasoned), Returns = typeof(NodeControlReply) },
            call => ControlAsync(call, order => order.WhenIdle ? NodeVerb.DrainWhenIdle : NodeVerb.Drain));
        routes.Map(
            "POST", "/v1/nodes/{id}/resume",
            new() { Summary = "Use a drained node again.", Role = Role.Operator, Action = "node.resume", Takes = typeof(Reasoned), Returns = typeof(NodeControlReply) },
            call => ControlAsync(call, static _ => NodeVerb.Resume));

        async Task<Reply> ControlAsync(Call call, Func<Reasoned, NodeVerb> verb)
        {
            var id = call.Id<NodeId>();
            var order = Reasoned.From(call);
            var reply = await grains.GetGrain<INodeGrain>(id.Value).ControlAsync(new() { Verb = verb(order), Reason = order.Reason }, CancellationToken.None);
            return reply.Found
                ? Reply.Json(reply) with { Outcome = reply.Changed ? "accepted" : "unchanged", Details = order.Reason }
                : throw ProblemException.NotFound($"The node {id}");
        }
    }
}
