using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Silo.Gateway.Simulations;

namespace Orchestrator.Silo.Gateway.Nodes;

/// <summary>What agents say and ask. Repeats do no harm by themselves, and nothing here is audited: it is not people who ask.</summary>
internal static class AgentRoutes
{
    private const int ReportsMax = 10_000;

    public static void Map(Routes routes)
    {
        var additions = routes.Get<StageAdditions>();
        var (grains, owners, wanted) = (routes.Get<IGrainFactory>(), routes.Get<NodeOwners>(), new WantedWait(routes.Services));
        routes.Map("POST", "/v1/nodes/{id}/register", new() { Summary = "An agent starts, or starts again.", Role = Role.Submitter, Takes = typeof(NodeRegistration), Returns = typeof(RegisterReply) }, async call =>
        {
            var id = call.Id<NodeId>();
            var registration = call.Read<NodeRegistration>();
            Same(id, registration.Node, "node");
            if (registration.Version < 1 || registration.Version > NodeRegistration.CurrentVersion)
            {
                throw ProblemException.Invalid(new InputProblem
                {
                    Path = "version",
                    Message = $"the agent speaks version {registration.Version} of the protocol",
                    Allowed = $"1 to {NodeRegistration.CurrentVersion}; the silo is the older one",
                });
            }

            if (!ClusterId.TryParse(registration.Cluster.Value, out _))
            {
                throw ProblemException.Invalid(new InputProblem { Path = "cluster", Message = "it names no cluster", Allowed = "\"k-\" and a name" });
            }

            await owners.CheckAsync(id, call.Caller);
            return Reply.Json(await grains.GetGrain<INodeGrain>(id.Value).RegisterAsync(registration with { User = call.Caller.Principal.User }));
        });
        routes.Map("POST", "/v1/nodes/{id}/heartbeat", new() { Summary = "An agent lives.", Role = Role.Submitter, Takes = typeof(NodeHeartbeat), Returns = typeof(HeartbeatReply) }, async call =>
        {
            var id = call.Id<NodeId>();
            var heartbeat = call.Read<NodeHeartbeat>();
            Same(id, heartbeat.Node, "node");
            await owners.CheckAsync(id, call.Caller);
            return Reply.Json(await grains.GetGrain<INodeGrain>(id.Value).HeartbeatAsync(heartbeat));
        });
        routes.Map(
            "GET", "/v1/nodes/{id}/wanted",
            new()
            {
                Summary = "The leases that the agent is to hold: at once when they are newer than AFTER, else when they change, at the latest after WAIT.",
                Role = Role.Submitter,
                Returns = typeof(WantedLeases),
                Query = [new("after", "The version that the agent has; -1: none."), new("wait", "Seconds, 0 to 600.")],
            },
            async call =>
            {
                var id = call.Id<NodeId>();
                var after = call.Query.Number("after", -1, long.MaxValue, -1);
                var wait = call.Query.Number("wait", 0, 600, 0);
                call.Query.Check();
                await owners.CheckAsync(id, call.Caller);
                return Reply.Json(await wanted.AsyncFor(id, after, TimeSpan.FromSeconds(wait), call.Cancellation));
            });
        routes.Map(
            "POST", "/v1/nodes/{id}/reports",
            new() { Summary = "What attempts did, in order; the answers are in the same order.", Role = Role.Submitter, Takes = typeof(AttemptReport[]), Returns = typeof(ReportReply[]) },
            async call =>
            {
                var id = call.Id<NodeId>();
                var reports = call.Read<AttemptReport[]>();
                if (reports.Length > ReportsMax)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "", Message = $"there are {reports.Length} reports", Allowed = string.Create(CultureInfo.InvariantCulture, $"at most {ReportsMax}") });
                }

                foreach (var report in reports)
                {
                    Same(id, report.Node, "node");
                    if (!SimulationId.TryParse(report.Attempt.Simulation.Value, out _))
                    {
                        throw ProblemException.Invalid(new InputProblem { Path = "attempt.simulation", Message = "it names no simulation", Allowed = "\"s-\" and a name" });
                    }
                }

                await owners.CheckAsync(id, call.Caller);
                return Reply.Json(await DeliverAsync(grains, additions, reports));
            });
        routes.Map(
            "GET", "/v1/simulations/{id}/attempts/{stage}/{epoch}/launch",
            new() { Summary = "What the lead agent starts.", Role = Role.Submitter, Returns = typeof(LaunchReply), Query = [new("node", "The lead's node.")] },
            async call =>
            {
                var id = call.Id<SimulationId>();
                if (!int.TryParse(call.Route("epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) || epoch < 1)
                {
                    throw ProblemException.Invalid(new InputProblem { Path = "epoch", Message = $"\"{call.Route("epoch")}\" is not allowed", Allowed = "a whole number from 1" });
                }

                if (!NodeId.TryParse(call.Query.Text("node"), out var node))
                {
                    call.Query.Refuse("node", call.Query.Text("node") ?? "", "\"n-\" and a name");
                }

                call.Query.Check();
                await owners.CheckAsync(node, call.Caller);
                return Reply.Json(await grains.GetGrain<ISimulationGrain>(id.Value).GetLaunchAsync(new(id, call.Route("stage"), epoch), node));
            });
    }

    /// <summary>Attempts are independent of each other; the reports of one go one after the other, since each depends on the one before.</summary>
    private static async Task<ReportReply[]> DeliverAsync(IGrainFactory grains, StageAdditions additions, AttemptReport[] reports)
    {
        var replies = new ReportReply[reports.Length];
        await Task.WhenAll(Enumerable.Range(0, reports.Length).GroupBy(i => reports[i].Attempt).Select(DeliverOneAsync));
        return replies;

        async Task DeliverOneAsync(IGrouping<AttemptId, int> attempt)
        {
            var grain = grains.GetGrain<ISimulationGrain>(attempt.Key.Simulation.Value);
            foreach (var i in attempt)
            {
                replies[i] = await grain.ReportAsync(await additions.ReadAsync(reports[i]));
            }
        }
    }

    private static void Same(NodeId route, NodeId body, string member)
    {
        if (route != body)
        {
            throw ProblemException.Invalid(new InputProblem { Path = member, Message = $"it is {body}, and the address says {route}", Allowed = route.Value });
        }
    }
}
