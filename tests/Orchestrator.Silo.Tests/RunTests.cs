using System.Net;
using Microsoft.Data.Sqlite;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Testing;

namespace Orchestrator.Silo.Tests;

/// <summary>A campaign from its file to its end, over HTTP alone.</summary>
public sealed class RunTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task A_campaign_runs_to_its_end_over_SQLite() => RunAsync(static settings => settings);

    [Fact]
    public async Task A_campaign_runs_to_its_end_over_PostgreSQL()
    {
        var server = await PostgresServer.GetAsync(Token);
        var connection = await server.CreateDatabaseAsync(Token);
        await RunAsync(settings => settings with { Values = [new("Storage:Provider", "PostgreSql"), new("Storage:ConnectionString", connection), new("Engine:ClusterId", "pg-" + Guid.CreateVersion7().ToString("n"))] });
    }

    private static async Task RunAsync(Func<SiloSettings, SiloSettings> with)
    {
        using var directory = new TemporaryDirectory();
        await using (var silo = await SiloUnderTest.StartAsync(directory, with))
        {
            var agent = new AgentByHand(silo.Owner, "one");
            (await agent.RegisterAsync()).Accepted.ShouldBeTrue();
            using var events = await EventReader.OpenAsync(silo.Owner, "?campaign=demo");
            using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));
            submitted.StatusCode.ShouldBe(HttpStatusCode.Created);

            var (lease, version) = await agent.LeaseAsync("warm");
            await agent.RunAsync(lease.Attempt);
            (lease, version) = await agent.LeaseAsync("report", after: version);
            await agent.BeatAsync(version);
            await agent.RunAsync(lease.Attempt);

            var seen = await events.UntilAsync(EventKinds.SimulationCompleted);
            seen.Select(static item => item.Id).ShouldBeInOrder();
            seen.Count(static item => item.Kind == EventKinds.StageCompleted).ShouldBe(2);
        }

        await using var again = await SiloUnderTest.StartAsync(directory, with);
        var view = await again.GetAsync<SimulationView>("/v1/simulations/s-demo-1");
        view.Status.ShouldBe(SimulationStatus.Completed);
        view.Reason.ShouldNotBeNullOrEmpty();
        (await again.GetAsync<Page<AttemptView>>("/v1/simulations/s-demo-1/attempts")).Items.Select(static attempt => attempt.End).ShouldBe([AttemptEnd.Completed, AttemptEnd.Completed]);
        (await again.GetAsync<CampaignSummary>("/v1/campaigns/demo")).IsLive.ShouldBeFalse();
        (await again.GetAsync<AccountView>("/v1/accounts/p-lab.heat")).Id.Value.ShouldBe("p-lab.heat");
        (await again.GetAsync<Explanation>("/v1/simulations/s-demo-1/why")).Summary.ShouldStartWith("s-demo-1 completed");
        var status = await again.GetAsync<SiloStatus>("/v1/status");
        status.Simulations["completed"].ShouldBe(1);
        status.LastEvent.ShouldBeGreaterThan(0);
    }

    [Fact(Timeout = 120_000)]
    public async Task What_a_simulation_owed_when_the_silo_died_is_done_at_the_next_start_without_a_call_an_agent_or_a_reminder()
    {
        using var directory = new TemporaryDirectory();
        await using (var silo = await SiloUnderTest.StartAsync(directory))
        {
            using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));
            submitted.StatusCode.ShouldBe(HttpStatusCode.Created);
            while ((await silo.GetAsync<ClusterView>("/v1/clusters/k-main")).Queue.IsEmpty)
            {
                await Task.Yield();
            }
        }

        // As if it had died before its request was heard.
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(directory.Path, "orchestrator.db")};Pooling=False"))
        {
            await database.OpenAsync(Token);
            await using var forget = database.CreateCommand();
            forget.CommandText = "DELETE FROM ledger; DELETE FROM ledger_snapshot; DELETE FROM ledger_head;";
            await forget.ExecuteNonQueryAsync(Token);
        }

        await using var again = await SiloUnderTest.StartAsync(directory);
        while ((await again.GetAsync<ClusterView>("/v1/clusters/k-main")).Queue.IsEmpty)
        {
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_waiting_agent_hears_of_a_lease_at_once_and_of_the_silos_end_too()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        var now = await agent.WantedAsync(-1, 0);
        var waiting = agent.WantedAsync(now.Version, 60);
        waiting.IsCompleted.ShouldBeFalse();

        using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));

        var wanted = await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token);
        wanted.Leases.ShouldHaveSingleItem().IsLead.ShouldBeTrue();
        var held = agent.WantedAsync(wanted.Version, 60);
        using var shutdown = await SiloUnderTest.SendAsync(silo.Owner, "/v1/shutdown", "{}");
        (await held.WaitAsync(TimeSpan.FromSeconds(30), Token)).Version.ShouldBe(wanted.Version);
    }

    [Fact]
    public async Task Events_are_resumed_without_a_gap_and_none_comes_twice()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 8));
        using (var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/campaigns/demo/cancel", "{}"))
        {
            cancelled.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // One connection for each event: each goes on behind the last.
        var seen = new List<(long Id, string Kind, OrchestratorEvent Event)>();
        while (seen.Count(static item => item.Kind == EventKinds.SimulationCancelled) < 8)
        {
            using var reader = await EventReader.OpenAsync(silo.Owner, "?after=0", seen.Count > 0 ? seen[^1].Id : null);
            seen.Add((await reader.NextAsync())!.Value);
        }

        seen.Select(static item => item.Id).ShouldBeInOrder();
        seen.Select(static item => (item.Event.Source, item.Event.Sequence)).ShouldBeUnique();
        foreach (var source in seen.GroupBy(static item => item.Event.Source))
        {
            source.Select(static item => item.Event.Sequence).ShouldBe(Enumerable.Range(1, source.Count()).Select(static number => (long)number));
        }

        using var kinds = await EventReader.OpenAsync(silo.Owner, "?follow=false&simulation=s-demo-3&kind=" + EventKinds.SimulationCancelled);
        (await kinds.NextAsync())!.Value.Event.Simulation!.Value.Value.ShouldBe("s-demo-3");
        (await kinds.NextAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task A_simulation_that_waits_says_why()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));
        var before = await silo.GetAsync<Explanation>("/v1/simulations/s-demo-1/why");
        before.Summary.ShouldContain("s-demo-1");
        before.Stages.Single(static stage => stage.Stage == "report").Because[0].ShouldBe("It waits for warm to complete; warm is queued at 0 %.");
        before.Stages.Single(static stage => stage.Stage == "warm").Because.ShouldContain("The cluster has no nodes; start an agent with \"orchestrator agent\".");

        // What makes no previews shows none, and everything that is wrong with an order for one is told.
        using var refused = await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-demo-1/preview", "{}");
        (await SiloUnderTest.ProblemAsync(refused, 409)).Title.ShouldContain("makes no previews");
        using var senseless = await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-demo-1/preview", """{ "stage": "nope", "level": 900 }""");
        (await SiloUnderTest.ProblemAsync(senseless, 400)).Problems.Select(static problem => problem.Path).ShouldBe(["level", "stage"]);

        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        var (lease, _) = await agent.LeaseAsync("warm");
        await agent.LaunchAsync(lease.Attempt);
        await agent.ReportAsync(new AttemptReport.Started { Attempt = lease.Attempt, ProcessId = 1 }, new AttemptReport.Progressed { Attempt = lease.Attempt, Progress = 0.5, Step = 7 });

        var during = await silo.GetAsync<Explanation>("/v1/simulations/s-demo-1/why");
        during.Summary.ShouldStartWith("s-demo-1 runs warm;");
        during.Stages.Single(static stage => stage.Stage == "warm").Because[0].ShouldBe("Epoch 1 runs on n-one, at 50 %, step 7.");
    }

    [Fact]
    public async Task Nodes_are_listed_drained_and_resumed_and_a_foreign_agent_is_refused()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab");
        using var eve = await silo.ClientAsync("eve", "submitter", "lab");
        var agents = new[] { new AgentByHand(sam, "a"), new AgentByHand(sam, "b") };
        foreach (var agent in agents)
        {
            await agent.RegisterAsync();
            (await agent.BeatAsync(0)).Verdict.ShouldBe(HeartbeatVerdict.Known);
        }

        using var foreign = await SiloUnderTest.SendAsync(eve, "/v1/nodes/n-a/heartbeat", """{ "node": "n-a" }""");
        (await SiloUnderTest.ProblemAsync(foreign, 403)).Title.ShouldBe("The node n-a is sam's.");
        while ((await silo.GetAsync<ClusterView>("/v1/clusters/k-main")).Nodes.Length < 2)
        {
            await agents[0].WantedAsync(0, 1);
        }

        var first = await silo.GetAsync<Page<NodeView>>("/v1/nodes?limit=1");
        first.Items.ShouldHaveSingleItem().User.ShouldBe("sam");
        var second = await silo.GetAsync<Page<NodeView>>("/v1/nodes?limit=1&cursor=" + first.Next);
        second.Items.ShouldHaveSingleItem().Id.Value.ShouldBe("n-b");
        second.Next.ShouldBeNull();
        using var refused = await SiloUnderTest.SendAsync(sam, "/v1/nodes/n-a/drain", "{}");
        await SiloUnderTest.ProblemAsync(refused, 403);
        using var drained = await SiloUnderTest.SendAsync(silo.Owner, "/v1/nodes/n-a/drain", """{ "reason": "disk", "whenIdle": true }""");
        (await SiloUnderTest.ReadAsync<NodeControlReply>(drained)).Changed.ShouldBeTrue();
        var node = await silo.GetAsync<NodeView>("/v1/nodes/n-a");
        (node.Drain, node.DrainReason).ShouldBe((NodeVerb.DrainWhenIdle, "disk"));
        using var resumed = await SiloUnderTest.SendAsync(silo.Owner, "/v1/nodes/n-a/resume", "");
        (await SiloUnderTest.ReadAsync<NodeControlReply>(resumed)).Changed.ShouldBeTrue();
        using var unknown = await SiloUnderTest.SendAsync(silo.Owner, "/v1/nodes/n-x/drain", "{}");
        await SiloUnderTest.ProblemAsync(unknown, 404);
    }

    [Fact]
    public async Task Logs_come_from_the_run_directory_and_through_no_link()
    {
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloUnderTest.StartAsync(directory);
        var agent = new AgentByHand(silo.Owner, "one");
        await agent.RegisterAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));
        var (lease, _) = await agent.LeaseAsync("warm");
        await agent.LaunchAsync(lease.Attempt);
        const string Logs = "/v1/simulations/s-demo-1/stages/warm/logs";
        (await silo.Owner.GetStringAsync(Logs, Token)).ShouldBe("");

        Directory.CreateDirectory(directory.File(RunLayout.AttemptDirectory(lease.Attempt)));
        await File.WriteAllTextAsync(directory.File(RunLayout.StandardOutput(lease.Attempt)), "one\ntwo\nthree\n", Token);
        File.CreateSymbolicLink(directory.File(RunLayout.StandardError(lease.Attempt)), "/etc/passwd");

        (await silo.Owner.GetStringAsync(Logs, Token)).ShouldBe("one\ntwo\nthree\n");
        (await silo.Owner.GetStringAsync(Logs + "?tail=2&epoch=1", Token)).ShouldBe("two\nthree\n");
        (await silo.Owner.GetStringAsync(Logs + "?stream=stderr", Token)).ShouldBe("");
        using var stage = await silo.Owner.GetAsync("/v1/simulations/s-demo-1/stages/..%2f..%2fx/logs", Token);
        (await SiloUnderTest.ProblemAsync(stage, 400)).Problems.ShouldHaveSingleItem().Allowed.ShouldBe("warm, report");
        using var epoch = await silo.Owner.GetAsync(Logs + "?epoch=9&stream=stdin", Token);
        (await SiloUnderTest.ProblemAsync(epoch, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("stream");
    }

    [Fact]
    public async Task The_protocol_of_agents_refuses_what_does_not_fit()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var newer = await SiloUnderTest.SendAsync(silo.Owner, "/v1/nodes/n-a/register", """{ "version": 99, "node": "n-a", "cluster": "k-main" }""");
        using var other = await SiloUnderTest.SendAsync(silo.Owner, "/v1/nodes/n-a/heartbeat", """{ "node": "n-b" }""");
        using var unknown = await SiloUnderTest.SendAsync(silo.Owner, "/v1/nodes/n-a/reports", """[ { "kind": "danced" } ]""");
        using var epoch = await silo.Owner.GetAsync("/v1/simulations/s-x/attempts/a/zero/launch?node=n-a", Token);

        (await SiloUnderTest.ProblemAsync(newer, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("version");
        (await SiloUnderTest.ProblemAsync(other, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("node");
        await SiloUnderTest.ProblemAsync(unknown, 400);
        (await SiloUnderTest.ProblemAsync(epoch, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("epoch");
        var stale = await new AgentByHand(silo.Owner, "a").ReportAsync(new AttemptReport.Started { Attempt = new AttemptId(new("s-never"), "warm", 1) });
        stale.ShouldHaveSingleItem().Verdict.ShouldBe(ReportVerdict.Stale);
    }
}
