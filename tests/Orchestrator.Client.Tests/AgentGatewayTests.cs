using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Client.Agents;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Client.Tests;

public sealed class AgentGatewayTests
{
    private static readonly NodeId Node = new("n-a");
    private static readonly AttemptId Attempt = new(new SimulationId("s-1"), "spin-up", 2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_call_of_the_agent_protocol_has_its_place()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .ThenJson(new RegisterReply { Accepted = true })
            .ThenJson(new HeartbeatReply { Verdict = HeartbeatVerdict.Known })
            .ThenJson(new WantedLeases { Version = 7 })
            .ThenJson(new[] { new ReportReply { Verdict = ReportVerdict.Accepted }, new ReportReply { Verdict = ReportVerdict.Stale } })
            .ThenJson(new LaunchReply { Reason = "an older epoch" });
        using var client = OrchestratorClient.ForSocket(gateway.Socket, HttpAgentGateway.Options);
        var agent = new HttpAgentGateway(client);

        (await agent.RegisterAsync(new NodeRegistration { Node = Node }, Token)).Accepted.ShouldBeTrue();
        (await agent.HeartbeatAsync(new NodeHeartbeat { Node = Node, Instance = "i" }, Token)).Verdict.ShouldBe(HeartbeatVerdict.Known);
        (await agent.WaitForWantedAsync(Node, 6, TimeSpan.FromSeconds(1.5), Token)).Version.ShouldBe(7);
        ImmutableArray<AttemptReport> reports = [new AttemptReport.Started { Attempt = Attempt, Node = Node, Sequence = 1 }, new AttemptReport.Exited { Attempt = Attempt, Node = Node, Sequence = 2, ExitStatus = 0 }];
        (await agent.ReportAsync(Node, reports, Token)).Select(static reply => reply.Verdict).ShouldBe([ReportVerdict.Accepted, ReportVerdict.Stale]);
        (await agent.GetLaunchAsync(Attempt, Node, Token)).Reason.ShouldBe("an older epoch");

        gateway.Seen.Select(static request => $"{request.Method} {request.Path}").ShouldBe(
        [
            "POST /v1/nodes/n-a/register",
            "POST /v1/nodes/n-a/heartbeat",
            "GET /v1/nodes/n-a/wanted?wait=2&after=6",
            "POST /v1/nodes/n-a/reports",
            "GET /v1/simulations/s-1/attempts/spin-up/2/launch?node=n-a",
        ]);
        gateway.Seen[3].Body.ShouldStartWith("""[{"kind":"started",""");
        gateway.AssertNothingElse();
    }

    [Fact]
    public async Task An_absent_gateway_is_a_transient_fault_at_once_and_a_refusal_is_a_lasting_one()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new Problem { Title = "not your node", Status = 403 }, 403, "application/problem+json");
        using var client = OrchestratorClient.ForDirectory(gateway.Data, HttpAgentGateway.Options);
        var agent = new HttpAgentGateway(client);

        var refused = await Should.ThrowAsync<GatewayException>(agent.RegisterAsync(new NodeRegistration { Node = Node }, Token));
        await gateway.CrashAsync();
        var absent = await Should.ThrowAsync<GatewayException>(agent.HeartbeatAsync(new NodeHeartbeat { Node = Node }, Token));

        refused.IsTransient.ShouldBeFalse();
        refused.Message.ShouldBe("could not register n-a: not your node");
        absent.IsTransient.ShouldBeTrue();
    }

    [Fact]
    public async Task No_token_is_sent_over_the_socket()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new HeartbeatReply());
        using var client = OrchestratorClient.ForSocket(gateway.Socket, HttpAgentGateway.Options);

        await new HttpAgentGateway(client).HeartbeatAsync(new NodeHeartbeat { Node = Node }, Token);

        gateway.Seen.ShouldHaveSingleItem().Authorization.ShouldBeEmpty();
    }
}
