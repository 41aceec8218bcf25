using System.Net;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Silo.Tests;

/// <summary>Stages of a simulation that runs, over HTTP.</summary>
public sealed class StageRouteTests
{
    private const string Waiting = """
        name: steer
        project: lab/heat
        stages:
          first: { run: "true", duration: 1m }
          asked: { run: "true", duration: 1m, after: { first: { approval: cora } } }
          free: { run: "true", duration: 1m, trigger: manual }
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stages_are_added_once_and_every_mistake_in_them_is_told()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var accepted = await silo.SubmitAsync(Waiting);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);

        var problem = await SiloUnderTest.ProblemAsync(
            await AddAsync(silo.Owner, "stages:\n  a: { rum: x }\n  first: { run: x }\n  b: { run: x, after: nowhere }\n  c: { run: x, after: d }\n  d: { run: x, after: c }\n"), 422);
        problem.Problems.Select(static mistake => mistake.Path).ShouldBe(["stages.a.rum", "stages.a.run", "stages.first", "stages.b.after", "stages.c.after"], ignoreOrder: true);
        problem.Problems.ShouldAllBe(static mistake => mistake.Line > 0);

        const string More = "stages:\n  more: { run: \"true\", after: first }\nedges:\n  free: more\n";
        (await SiloUnderTest.ReadAsync<StageReply>(await AddAsync(silo.Owner, More))).Outcome.ShouldBe(ControlOutcome.Accepted);
        (await SiloUnderTest.ReadAsync<StageReply>(await AddAsync(silo.Owner, More))).Outcome.ShouldBe(ControlOutcome.Unchanged);
        var view = await silo.GetAsync<SimulationView>("/v1/simulations/s-steer");
        view.Stages.Select(static stage => stage.Name).ShouldBe(["first", "asked", "free", "more"]);
        view.Stages[2].Edges.ShouldHaveSingleItem().From.ShouldBe("more");

        // The campaign is still the one that was submitted.
        using var again = await silo.SubmitAsync(Waiting);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_who_may_steers_and_who_is_asked_for_approves()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var cora = await silo.ClientAsync("cora", "submitter", "lab", "heat");
        using var vera = await silo.ClientAsync("vera", "viewer", "lab");
        using var stan = await silo.ClientAsync("stan", "administrator", "other");
        using var accepted = await silo.SubmitAsync(Waiting, by: sam);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);

        (await OrderAsync(vera, "first", "hold")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await OrderAsync(cora, "first", "hold")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await OrderAsync(stan, "first", "hold")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await OrderAsync(sam, "first", "hold", """{ "reason": "not yet" }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await OrderAsync(cora, "free", "approve")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SiloUnderTest.ProblemAsync(await OrderAsync(sam, "asked", "approve"), 409)).Title.ShouldContain("cora has to approve it, not sam");
        (await OrderAsync(cora, "asked", "approve", """{ "reason": "seen" }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SiloUnderTest.ProblemAsync(await OrderAsync(sam, "nothing", "skip"), 409)).Title.ShouldContain("first, asked, free are there");
        (await SiloUnderTest.ProblemAsync(await OrderAsync(sam, "first", "set", """{ "status": "running" }"""), 409)).Title.ShouldContain("completed, failed and soft-failed");
        (await SiloUnderTest.ProblemAsync(await OrderAsync(sam, "first", "change", """{ "resources": { "nodes": 0 } }"""), 409)).Title.ShouldContain("resources.nodes");
        (await SiloUnderTest.ProblemAsync(await OrderAsync(sam, "first", "hold", """{ "checkpoint": "e1/x" }"""), 409)).Title.ShouldContain("only 'rerun' goes on from one");
        (await SiloUnderTest.ProblemAsync(await OrderAsync(sam, "first", "rerun", """{ "fromCheckpoint": true }"""), 409)).Title.ShouldContain("no checkpoint of the present run of first can be restored; there is none");

        (await silo.Owner.GetStringAsync("/v1/simulations/s-steer/why", Token)).ShouldContain("held by sam");
        var view = await silo.GetAsync<SimulationView>("/v1/simulations/s-steer");
        view.Stages[0].Reason.ShouldBe("held by sam: not yet");
        view.Stages[1].Edges.ShouldHaveSingleItem().Mark!.ApprovedBy.ShouldBe("cora");
    }

    [Fact]
    public async Task What_a_program_wrote_is_read_at_the_gateway_and_what_an_agent_claims_to_have_read_is_not_believed()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        using var events = await EventReader.OpenAsync(silo.Owner, "?campaign=steer");
        using var accepted = await silo.SubmitAsync(Waiting);
        var (lease, _) = await agent.LeaseAsync("first");
        (await agent.LaunchAsync(lease.Attempt)).Launch.ShouldNotBeNull();

        await agent.ReportAsync(
            new AttemptReport.Started { Attempt = lease.Attempt, ProcessId = 1 },
            new AttemptReport.Announced { Attempt = lease.Attempt, Addition = new() { Key = "x", Stages = [new() { Name = "sneaked", Run = "rm" }] } },
            new AttemptReport.Announced { Attempt = lease.Attempt, Text = """{"stages":{"second":{"run":"true"}}}""", Addition = new() { Key = "first/1" } },
            new AttemptReport.Announced { Attempt = lease.Attempt, Text = """{"stages":{"second":{"run":"true"}}}""", Addition = new() { Key = "first/1" } });

        await events.UntilAsync(EventKinds.StagesAdded);
        var view = await silo.GetAsync<SimulationView>("/v1/simulations/s-steer");
        view.Stages.Select(static stage => stage.Name).ShouldBe(["first", "asked", "free", "second"]);
        view.Stages[3].AddedBy.ShouldBe("first");
        view.AdditionKeys.ShouldBe(["first/1"]);
    }

    [Fact]
    public async Task A_stage_that_runs_goes_back_to_a_named_checkpoint_and_its_next_attempt_is_told_to_restore_that()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        using var events = await EventReader.OpenAsync(silo.Owner, "?campaign=steer");
        using var accepted = await silo.SubmitAsync(Waiting);
        var (lease, _) = await agent.LeaseAsync("first");
        (await agent.LaunchAsync(lease.Attempt)).Launch.ShouldNotBeNull();
        await agent.ReportAsync(
            new AttemptReport.Started { Attempt = lease.Attempt, ProcessId = 1 },
            new AttemptReport.Checkpointed { Attempt = lease.Attempt, Checkpoint = new() { Name = "e1/one", Step = 1 } },
            new AttemptReport.Checkpointed { Attempt = lease.Attempt, Checkpoint = new() { Name = "e1/two", Step = 2 } });

        (await SiloUnderTest.ProblemAsync(await OrderAsync(silo.Owner, "first", "rerun", """{ "checkpoint": "e1/three" }"""), 409)).Title.ShouldContain("e1/two, e1/one can be named");
        (await OrderAsync(silo.Owner, "first", "rerun", """{ "checkpoint": "e1/one", "reason": "the tracer is wrong" }""")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await events.UntilAsync(EventKinds.StageRerun))[^1].Event.Checkpoint.ShouldBe("e1/one");
        var (next, _) = await agent.LeaseAsync("first", epoch: 2);
        (await agent.LaunchAsync(next.Attempt)).Launch.ShouldNotBeNull().Restore.Select(static record => record.Name).ShouldBe(["e1/one"]);
        var view = await silo.GetAsync<SimulationView>("/v1/simulations/s-steer");
        view.Stages[0].Checkpoints.Select(static record => record.PassedOver).ShouldBe([true, false], "the newest first");
        view.Stages[0].Epoch.ShouldBe(2);
    }

    private static Task<HttpResponseMessage> AddAsync(HttpClient client, string text) => SiloUnderTest.SendAsync(client, "/v1/simulations/s-steer/stages", text, "application/yaml");

    private static Task<HttpResponseMessage> OrderAsync(HttpClient client, string stage, string verb, string body = "{}") => SiloUnderTest.SendAsync(client, $"/v1/simulations/s-steer/stages/{stage}/{verb}", body);
}
