using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Tests;

public sealed class GatewayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_is_accepted_once_however_often_it_is_sent()
    {
        await using var silo = await SiloUnderTest.StartAsync();

        using var first = await silo.SubmitAsync(Campaigns.Small("demo"));
        using var again = await silo.SubmitAsync(Campaigns.Small("demo"));

        first.StatusCode.ShouldBe(HttpStatusCode.Created);
        first.Headers.Location!.ToString().ShouldBe("/v1/campaigns/demo");
        var accepted = await SiloUnderTest.ReadAsync<CampaignSummary>(first);
        accepted.Simulations.Select(static id => id.Value).ShouldBe(["s-demo-1", "s-demo-2"]);
        accepted.Repeated.ShouldBeFalse();
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SiloUnderTest.ReadAsync<CampaignSummary>(again)).Repeated.ShouldBeTrue();

        var list = await silo.GetAsync<Page<SimulationSummary>>("/v1/simulations?campaign=demo");
        list.Items.Length.ShouldBe(2);
        list.Items.ShouldAllBe(static row => row.Project == "lab/heat" && row.User == Environment.UserName);
        (await silo.GetAsync<CampaignSummary>("/v1/campaigns/demo")).Simulations.Length.ShouldBe(2);
        (await silo.GetAsync<Page<CampaignSummary>>("/v1/campaigns")).Items.ShouldHaveSingleItem().Name.ShouldBe("demo");
        var view = await silo.GetAsync<SimulationView>("/v1/simulations/s-demo-1");
        view.Owner.User.ShouldBe(Environment.UserName);
        view.Cluster.Value.ShouldBe("k-main");
        view.Stages.Select(static stage => stage.Name).ShouldBe(["warm", "report"]);
    }

    [Fact]
    public async Task A_campaign_that_changes_what_was_accepted_is_refused_as_a_whole_and_one_that_adds_is_not()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var first = await silo.SubmitAsync(Campaigns.Small("demo", members: 1));

        using var changed = await silo.SubmitAsync(Campaigns.Small("demo", run: "false", members: 2));
        var refusal = await SiloUnderTest.ProblemAsync(changed, 409);
        using var more = await silo.SubmitAsync(Campaigns.Small("demo", members: 3));

        refusal.Problems.ShouldHaveSingleItem().Path.ShouldBe("s-demo-1");
        (await silo.Owner.GetAsync("/v1/simulations/s-demo-2", Token)).StatusCode.ShouldBe(HttpStatusCode.OK, "added by the third, not the second");
        (await SiloUnderTest.ReadAsync<CampaignSummary>(more)).Simulations.Length.ShouldBe(3);
        (await silo.GetAsync<SimulationView>("/v1/simulations/s-demo-2")).SubmittedAt.ShouldBeGreaterThan((await silo.GetAsync<SimulationView>("/v1/simulations/s-demo-1")).SubmittedAt);
    }

    [Fact]
    public async Task A_campaign_with_mistakes_gets_all_of_them_and_changes_nothing()
    {
        await using var silo = await SiloUnderTest.StartAsync();

        using var reply = await silo.SubmitAsync("name: bad\nproject: nobody\nstages:\n  a: { run: x, duration: 5, memory: lots }\n");
        var problem = await SiloUnderTest.ProblemAsync(reply, 422);

        problem.Problems.Select(static mistake => mistake.Path).ShouldBe(["project", "stages.a.duration", "stages.a.memory"], ignoreOrder: true);
        problem.Problems.ShouldAllBe(static mistake => mistake.Line > 0 && mistake.Allowed != null);
        (await silo.GetAsync<Page<SimulationSummary>>("/v1/simulations")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_has_one_effect_and_gets_the_first_answer()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        var body = """{ "user": "ada", "role": "viewer" }""";

        using var first = await SiloUnderTest.SendAsync(silo.Owner, "/v1/tokens", body, key: "key-1");
        using var repeat = await SiloUnderTest.SendAsync(silo.Owner, "/v1/tokens", body, key: "key-1");
        using var another = await SiloUnderTest.SendAsync(silo.Owner, "/v1/tokens", """{ "user": "bob", "role": "viewer" }""", key: "key-1");

        repeat.StatusCode.ShouldBe(HttpStatusCode.Created);
        repeat.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        (await repeat.Content.ReadAsStringAsync(Token)).ShouldBe(await first.Content.ReadAsStringAsync(Token));
        (await SiloUnderTest.ProblemAsync(another, 422)).Problems.ShouldHaveSingleItem().Path.ShouldBe("Idempotency-Key");
        (await silo.GetAsync<Page<TokenDocument>>("/v1/tokens")).Items.ShouldHaveSingleItem().Secret.ShouldBeNull();
    }

    [Fact]
    public async Task A_refused_request_leaves_its_key_free_for_the_mended_one()
    {
        await using var silo = await SiloUnderTest.StartAsync();

        using var refused = await silo.SubmitAsync("name: x", "key-2");
        using var mended = await silo.SubmitAsync(Campaigns.Small("mended"), "key-2");

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        mended.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Roles_bound_what_is_changed_and_institution_and_project_what_is_seen()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var viewer = await silo.ClientAsync("vera", "viewer", "lab");
        using var submitter = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var colleague = await silo.ClientAsync("cora", "submitter", "lab", "heat");
        using var operate = await silo.ClientAsync("oscar", "operator", "lab");
        using var stranger = await silo.ClientAsync("stan", "administrator", "other");

        using (var refused = await silo.SubmitAsync(Campaigns.Small("one"), by: viewer))
        {
            (await SiloUnderTest.ProblemAsync(refused, 403)).Title.ShouldContain("submitter");
        }

        using (var foreign = await silo.SubmitAsync(Campaigns.Small("one", project: "lab/water"), by: submitter))
        {
            (await SiloUnderTest.ProblemAsync(foreign, 403)).Problems.ShouldHaveSingleItem().Allowed.ShouldBe("lab/heat");
        }

        using (var accepted = await silo.SubmitAsync(Campaigns.Small("one"), by: submitter))
        {
            accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        foreach (var seeing in new[] { viewer, submitter, colleague, operate })
        {
            (await seeing.GetAsync("/v1/simulations/s-one-1", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await seeing.GetAsync("/v1/campaigns/one", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await stranger.GetAsync("/v1/simulations/s-one-1", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.GetAsync("/v1/campaigns/one", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.GetFromJsonAsync<JsonElement>("/v1/simulations", Token)).GetProperty("items").GetArrayLength().ShouldBe(0);
        (await stranger.GetStringAsync("/v1/events?follow=false", Token)).ShouldNotContain("s-one-1");
        (await viewer.GetAsync("/v1/tokens", Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SiloUnderTest.SendAsync(stranger, "/v1/shutdown", "{}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SiloUnderTest.SendAsync(stranger, "/v1/tokens", """{ "user": "x", "role": "viewer", "institution": "lab" }""")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await SiloUnderTest.SendAsync(colleague, "/v1/simulations/s-one-1/cancel", "{}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SiloUnderTest.SendAsync(stranger, "/v1/simulations/s-one-1/cancel", "{}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SiloUnderTest.SendAsync(operate, "/v1/simulations/s-one-1/cancel", "{}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SiloUnderTest.SendAsync(submitter, "/v1/simulations/s-one-2/cancel", """{ "reason": "enough" }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Every_change_has_an_audit_row_whether_it_was_granted_or_not()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var viewer = await silo.ClientAsync("vera", "viewer", "lab");
        using var a = await silo.SubmitAsync(Campaigns.Small("one"), "k1");
        using var b = await silo.SubmitAsync("name: x");
        using var c = await SiloUnderTest.SendAsync(viewer, "/v1/simulations/s-one-1/cancel", "{}");
        using var d = await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-one-1/cancel", """{ "reason": "no need" }""");

        var rows = await silo.Host.Services.GetRequiredService<IAuditLog>().QueryAsync(new(), Token);

        rows.Reverse().Select(static row => (row.Who, row.Action, row.Action == "token.create" ? row.Details?.Split(' ')[0] == row.Subject ? "its id" : null : row.Subject, row.Outcome)).ShouldBe(
        [
            (Environment.UserName, "token.create", "its id", "accepted"),
            (Environment.UserName, "campaign.submit", "one", "accepted"),
            (Environment.UserName, "campaign.submit", null, "refused"),
            ("vera", "simulation.cancel", "s-one-1", "refused"),
            (Environment.UserName, "simulation.cancel", "s-one-1", "accepted"),
        ]);
        rows[3].RequestId.ShouldBe("k1");
        rows[0].Details.ShouldBe("no need");
    }

    [Fact]
    public async Task The_audit_shows_users_their_own_changes_and_operators_all_of_their_institution()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab");
        using var olga = await silo.ClientAsync("olga", "operator", "lab");
        using var stranger = await silo.ClientAsync("peter", "operator", "elsewhere");
        using var submitted = await silo.SubmitAsync(Campaigns.Small("one"), by: sam);
        using var paused = await SiloUnderTest.SendAsync(olga, "/v1/simulations/s-one-1/pause", """{ "reason": "look" }""");
        using var raised = await sam.PutAsJsonAsync("/v1/priorities", new { target = "s-one-1/warm", value = 0.4 }, Token);
        using var cancelled = await SiloUnderTest.SendAsync(sam, "/v1/simulations/s-one-2/cancel", "{}");

        (await ActionsAsync(sam, "")).ShouldBe(["sam simulation.cancel s-one-2", "sam priority.set s-one-1", "sam campaign.submit one"]);
        (await ActionsAsync(olga, "")).ShouldBe(["sam simulation.cancel s-one-2", "sam priority.set s-one-1", "olga simulation.pause s-one-1", "sam campaign.submit one"]);
        (await ActionsAsync(olga, "?who=sam&action=simulation.cancel")).ShouldBe(["sam simulation.cancel s-one-2"]);
        (await ActionsAsync(olga, "?subject=s-one-1")).ShouldBe(["sam priority.set s-one-1", "olga simulation.pause s-one-1"]);
        (await ActionsAsync(olga, "?until=2020-01-01T00:00:00Z")).ShouldBeEmpty();
        (await ActionsAsync(stranger, "")).ShouldBeEmpty();
        (await ActionsAsync(silo.Owner, "?action=token.create")).Count.ShouldBe(3);
        var page = await olga.GetFromJsonAsync<JsonElement>("/v1/audit?limit=2", Token);
        (await ActionsAsync(olga, $"?limit=2&cursor={page.GetProperty("next").GetString()}")).ShouldBe(["olga simulation.pause s-one-1", "sam campaign.submit one"]);
        (await sam.GetAsync("/v1/audit?who=olga", Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await sam.GetAsync("/v1/audit?from=yesterday", Token)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await sam.GetFromJsonAsync<JsonElement>("/v1/simulations/s-one-1", Token)).GetProperty("reason").GetString().ShouldBe("paused by order of olga: look");

        static async Task<List<string>> ActionsAsync(HttpClient client, string query) =>
        [
            .. (await client.GetFromJsonAsync<JsonElement>("/v1/audit" + query, Token)).GetProperty("items").EnumerateArray()
                .Select(static item => $"{item.GetProperty("who")} {item.GetProperty("action")} {(item.TryGetProperty("subject", out var subject) ? subject.ToString() : "")}"),
        ];
    }

    [Fact]
    public async Task Metrics_are_told_as_prometheus_text()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var viewer = await silo.ClientAsync("vera", "viewer", "lab");
        using var submitted = await silo.SubmitAsync(Campaigns.Small("one"));
        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-one-1/cancel", "{}");
        using var moved = await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-one-2/migrate", "{}");
        moved.StatusCode.ShouldBe(HttpStatusCode.Conflict);

        // Nobody has nodes: it ends, and that is told, in its own time.
        while (!(await viewer.GetStringAsync("/metrics", Token)).Contains("orchestrator_simulation_turnaround_seconds_count{status=\"cancelled\"} 1", StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        using var answer = await viewer.GetAsync("/metrics", Token);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        var text = await answer.Content.ReadAsStringAsync(Token);
        text.ShouldContain("# TYPE orchestrator_plan_duration_seconds histogram\n");
        text.ShouldContain("# TYPE orchestrator_attempts_ended_total counter\n");
        text.ShouldContain("orchestrator_queue_length{cluster=\"k-main\"} ");
        text.ShouldNotContain("orchestrator_account_");
        (await silo.Owner.GetStringAsync("/metrics", Token)).ShouldContain("# TYPE orchestrator_account_cores_used gauge\n");
        text.ShouldContain("orchestrator_simulation_turnaround_seconds_bucket{status=\"cancelled\",le=\"+Inf\"} 1\n");
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldAllBe(static line => line.StartsWith('#') || line.Split(' ', StringSplitOptions.None).Length == 2);
    }

    [Fact]
    public async Task Bad_input_is_named_with_what_is_allowed_and_no_more()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var a = await silo.Owner.GetAsync("/v1/simulations?status=asleep&limit=0&live=perhaps&sort=name", Token);
        using var b = await silo.Owner.GetAsync("/v1/simulations/x-1", Token);
        using var c = await SiloUnderTest.SendAsync(silo.Owner, "/v1/tokens", """{ "user": "a b", "role": "viewer", "institution": "", "projects": ["p"], "lifetime": "-01:00:00" }""");
        using var d = await SiloUnderTest.SendAsync(silo.Owner, "/v1/tokens", """{ "user": "ada", "role": "king" }""");
        using var e = await SiloUnderTest.SendAsync(silo.Owner, "/v1/tokens", "{");
        using var f = await silo.Owner.GetAsync("/v1/simulations?cursor=zzz", Token);
        using var g = await silo.Owner.GetAsync("/v1/nothing", Token);
        using var h = await silo.Owner.DeleteAsync("/v1/simulations", Token);
        using var i = await SiloUnderTest.SendAsync(silo.Owner, "/v1/campaigns", new string('x', 9 * 1024 * 1024));
        using var j = await SiloUnderTest.SendAsync(silo.Owner, "/v1/backup", """{ "path": "relative" }""");
        using var k = await silo.Owner.GetAsync("/v1/simulations/s-none", Token);

        (await SiloUnderTest.ProblemAsync(a, 400)).Problems.Select(static problem => problem.Path).ShouldBe(["limit", "status", "live", "sort"], ignoreOrder: true);
        (await SiloUnderTest.ProblemAsync(b, 400)).Problems.ShouldHaveSingleItem().Allowed!.ShouldContain("\"s-\"");
        (await SiloUnderTest.ProblemAsync(c, 422)).Problems.Select(static problem => problem.Path).ShouldBe(["user", "projects", "lifetime"], ignoreOrder: true);
        (await SiloUnderTest.ProblemAsync(d, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("role");
        await SiloUnderTest.ProblemAsync(e, 400);
        (await SiloUnderTest.ProblemAsync(f, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("cursor");
        await SiloUnderTest.ProblemAsync(g, 404);
        (await SiloUnderTest.ProblemAsync(h, 405)).Title.ShouldContain("GET");
        await SiloUnderTest.ProblemAsync(i, 413);
        (await SiloUnderTest.ProblemAsync(j, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("path");
        await SiloUnderTest.ProblemAsync(k, 404);
    }

    [Fact]
    public async Task Tokens_are_revoked()
    {
        await using var silo = await SiloUnderTest.StartAsync(null, static settings => settings with { Values = [new("Access:TokenCache", "00:00:00")] });
        using var viewer = await silo.ClientAsync("vera", "viewer");
        (await viewer.GetAsync("/v1/simulations", Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var id = (await silo.GetAsync<Page<TokenDocument>>("/v1/tokens")).Items.Single().Id;

        using var revoked = await silo.Owner.DeleteAsync($"/v1/tokens/{id}", Token);

        revoked.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await viewer.GetAsync("/v1/simulations", Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Every_operation_is_in_the_document()
    {
        await using var silo = await SiloUnderTest.StartAsync();

        var paths = (await silo.Owner.GetFromJsonAsync<JsonElement>("/openapi/v1.json", Token)).GetProperty("paths");

        foreach (var path in new[]
        {
            "/v1/status", "/v1/campaigns", "/v1/campaigns/{name}/cancel", "/v1/simulations", "/v1/simulations/{id}", "/v1/simulations/{id}/why", "/v1/simulations/{id}/preview", "/v1/simulations/{id}/stages/{stage}/logs",
            "/v1/events", "/v1/nodes", "/v1/nodes/{id}/drain", "/v1/nodes/{id}/reports", "/v1/simulations/{id}/attempts/{stage}/{epoch}/launch", "/v1/tokens", "/v1/backup", "/v1/shutdown",
        })
        {
            paths.TryGetProperty(path, out _).ShouldBeTrue(path);
        }

        var list = paths.GetProperty("/v1/simulations").GetProperty("get");
        list.GetProperty("parameters").EnumerateArray().Select(static parameter => parameter.GetProperty("name").GetString()).ShouldBe(["campaign", "status", "live", "cursor", "limit"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_backup_is_made_while_the_silo_runs_and_is_a_whole_database()
    {
        using var target = new TemporaryDirectory();
        await using (var silo = await SiloUnderTest.StartAsync())
        {
            using var submitted = await silo.SubmitAsync(Campaigns.Small("kept"));
            using var made = await SiloUnderTest.SendAsync(silo.Owner, "/v1/backup", JsonSerializer.Serialize(new { path = target.File("orchestrator.db") }));
            made.StatusCode.ShouldBe(HttpStatusCode.OK);
            using var again = await SiloUnderTest.SendAsync(silo.Owner, "/v1/backup", JsonSerializer.Serialize(new { path = target.File("orchestrator.db") }));
            await SiloUnderTest.ProblemAsync(again, 400);
        }

        await using var restored = await SiloUnderTest.StartAsync(target);
        (await restored.GetAsync<SimulationView>("/v1/simulations/s-kept-2")).Campaign.ShouldBe("kept");
    }

    [Fact]
    public async Task A_restart_keeps_everything()
    {
        using var directory = new TemporaryDirectory();
        await using (var silo = await SiloUnderTest.StartAsync(directory))
        {
            using var submitted = await silo.SubmitAsync(Campaigns.Small("kept"), "key");
        }

        await using var again = await SiloUnderTest.StartAsync(directory);

        (await again.GetAsync<SimulationView>("/v1/simulations/s-kept-1")).Status.ShouldBe(SimulationStatus.Pending);
        (await again.GetAsync<Page<SimulationSummary>>("/v1/simulations?live=true")).Items.Length.ShouldBe(2);
        using var replayed = await again.SubmitAsync(Campaigns.Small("kept"), "key");
        replayed.StatusCode.ShouldBe(HttpStatusCode.Created);
        replayed.Headers.Contains("Idempotent-Replayed").ShouldBeTrue();
    }

    [Fact]
    public async Task A_shutdown_ends_the_silo_at_once_or_when_nothing_is_live()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("live", members: 1));
        var ended = silo.Host.WaitForEndAsync(Token);

        using var asked = await SiloUnderTest.SendAsync(silo.Owner, "/v1/shutdown", """{ "whenIdle": true }""");
        asked.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await silo.Owner.GetStringAsync("/health/ready", Token)).ShouldBe("ready\n");
        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/simulations/s-live-1/cancel", "{}");

        await ended.WaitAsync(TimeSpan.FromSeconds(60), Token);
    }

    [Fact]
    public async Task Until_idle_waits_for_the_first_simulation_and_ends_after_the_last()
    {
        await using var silo = await SiloUnderTest.StartAsync(null, static settings => settings with { UntilIdle = true });
        var ended = silo.Host.WaitForEndAsync(Token);
        using var submitted = await silo.SubmitAsync(Campaigns.Small("live", members: 1));
        ended.IsCompleted.ShouldBeFalse();

        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/campaigns/live/cancel", "{}");

        cancelled.StatusCode.ShouldBe(HttpStatusCode.OK);
        await ended.WaitAsync(TimeSpan.FromSeconds(60), Token);
    }
}
