using System.Net;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Client.Tests;

public sealed class RequestTests
{
    private static readonly OrchestratorClientOptions Quick = new() { RetryDelayFirst = TimeSpan.FromMilliseconds(1), RetryDelayMax = TimeSpan.FromMilliseconds(5) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_is_found_through_its_data_directory()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new SiloStatus { Version = "9.9.9", Queued = 3 });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var status = await client.GetStatusAsync(Token);

        status.Version.ShouldBe("9.9.9");
        status.Queued.ShouldBe(3);
        gateway.Seen.ShouldHaveSingleItem().Path.ShouldBe("/v1/status");
        gateway.AssertNothingElse();
    }

    [Fact]
    public async Task A_change_keeps_its_idempotency_key_over_a_busy_gateway_and_a_lost_answer()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenStatus(503).ThenHangUp().ThenJson(new CampaignSummary { Name = "heat", Repeated = true });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var accepted = await client.SubmitCampaignAsync("name: heat\n", cancellationToken: Token);

        accepted.Repeated.ShouldBeTrue();
        gateway.Seen.Count.ShouldBe(3);
        gateway.Seen.Select(static request => request.Key).Distinct().ShouldHaveSingleItem().Length.ShouldBe(32);
        gateway.Seen.ShouldAllBe(static request => request.Body == "name: heat\n");
        gateway.AssertNothingElse();
    }

    [Fact]
    public async Task A_preview_is_ordered_of_a_stage_and_a_level()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new ControlReply { Outcome = ControlOutcome.Accepted });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        (await client.OrderPreviewAsync(new("s-film"), new() { Stage = "render", Level = 25 }, cancellationToken: Token)).Outcome.ShouldBe(ControlOutcome.Accepted);

        gateway.Seen.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static request => request.Path.ShouldBe("/v1/simulations/s-film/preview"),
            static request => request.Body.ShouldContain("\"level\":25"));
        gateway.AssertNothingElse();
    }

    [Fact]
    public async Task Two_changes_have_two_keys_and_a_key_of_the_caller_is_kept()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new ControlReply()).ThenJson(new ControlReply()).ThenJson(new ControlReply());
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);
        var simulation = new SimulationId("s-1");

        await client.ControlAsync(simulation, SimulationVerb.Pause, cancellationToken: Token);
        await client.ControlAsync(simulation, SimulationVerb.Pause, cancellationToken: Token);
        await client.ControlAsync(simulation, SimulationVerb.Cancel, "no longer needed", "mine", cancellationToken: Token);

        gateway.Seen.Select(static request => request.Key).Distinct().Count().ShouldBe(3);
        gateway.Seen[2].ShouldSatisfyAllConditions(
            static request => request.Key.ShouldBe("mine"),
            static request => request.Path.ShouldBe("/v1/simulations/s-1/cancel"),
            static request => request.Body.ShouldBe("""{"reason":"no longer needed"}"""));
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again_and_carries_every_mistake()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(
            new Problem
            {
                Title = "2 mistakes",
                Status = 422,
                Problems = [new InputProblem { Line = 3, Path = "stages.a.memory", Message = "no unit", Allowed = "4G" }, new InputProblem { Line = 9, Message = "unknown key" }],
            },
            422,
            "application/problem+json");
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var fault = await Should.ThrowAsync<OrchestratorClientException>(client.SubmitCampaignAsync("name: 1\n", cancellationToken: Token));

        fault.Message.ShouldBe("2 mistakes");
        fault.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        fault.IsTransient.ShouldBeFalse();
        fault.Problems.Select(static problem => problem.Line).ShouldBe([3, 9]);
        gateway.Seen.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Where_nothing_ever_ran_the_error_says_so_at_once()
    {
        var data = Directory.CreateTempSubdirectory("orchestrator-client-").FullName;
        using var client = OrchestratorClient.ForDirectory(data, new OrchestratorClientOptions { RetryUnreachableFor = TimeSpan.Zero });

        var fault = await Should.ThrowAsync<OrchestratorClientException>(client.GetStatusAsync(Token));

        fault.IsUnreachable.ShouldBeTrue();
        fault.Message.ShouldBe($"nothing runs on {data}");
        Directory.Delete(data);
    }

    [Fact]
    public async Task A_gateway_that_crashed_counts_as_not_running_though_its_files_are_there()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await gateway.CrashAsync();
        using var client = OrchestratorClient.ForDirectory(gateway.Data, new OrchestratorClientOptions { RetryUnreachableFor = TimeSpan.Zero });

        var fault = await Should.ThrowAsync<OrchestratorClientException>(client.GetStatusAsync(Token));

        fault.IsUnreachable.ShouldBeTrue();
        fault.Message.ShouldBe($"nothing runs on {gateway.Data}");
    }

    [Fact]
    public async Task A_request_waits_for_a_gateway_that_comes_back()
    {
        await using var gateway = await FakeGateway.StartAsync();
        await gateway.CrashAsync();
        gateway.ThenJson(new SiloStatus { Version = "2" });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var asked = client.GetStatusAsync(Token);
        File.Delete(gateway.Socket);
        await gateway.ListenAsync();

        (await asked).Version.ShouldBe("2");
    }

    [Fact]
    public async Task Lists_follow_their_pages()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway
            .ThenJson(new Page<SimulationSummary> { Items = [new() { Id = new("s-1") }, new() { Id = new("s-2") }], Next = "a b" })
            .ThenJson(new Page<SimulationSummary> { Items = [new() { Id = new("s-3") }] });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var found = await client.ListSimulationsAsync("heat", SimulationStatus.Running, live: true, Token).Select(static row => row.Id.Value).ToListAsync(Token);

        found.ShouldBe(["s-1", "s-2", "s-3"]);
        gateway.Seen.Select(static request => request.Path).ShouldBe(
        [
            "/v1/simulations?campaign=heat&status=running&live=true",
            "/v1/simulations?campaign=heat&status=running&live=true&cursor=a%20b",
        ]);
    }

    [Fact]
    public async Task An_answer_that_is_not_read_names_what_was_asked()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson("not a view");
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        var fault = await Should.ThrowAsync<OrchestratorClientException>(client.GetSimulationAsync(new("s-1"), Token));

        fault.Message.ShouldContain("/v1/simulations/s-1");
        fault.IsTransient.ShouldBeFalse();
    }

    [Fact]
    public async Task Draining_says_whether_to_wait_for_what_runs()
    {
        await using var gateway = await FakeGateway.StartAsync();
        gateway.ThenJson(new NodeControlReply { Found = true, Changed = true }).ThenJson(new NodeControlReply { Found = true });
        using var client = OrchestratorClient.ForDirectory(gateway.Data, Quick);

        await client.ControlNodeAsync(new("n-a"), NodeVerb.DrainWhenIdle, "disk", cancellationToken: Token);
        await client.ControlNodeAsync(new("n-a"), NodeVerb.Resume, cancellationToken: Token);

        gateway.Seen.Select(static request => $"{request.Path} {request.Body}").ShouldBe(
        [
            """/v1/nodes/n-a/drain {"reason":"disk","whenIdle":true}""",
            """/v1/nodes/n-a/resume {"whenIdle":false}""",
        ]);
    }
}
