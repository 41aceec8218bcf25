using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Scheduling.Windows;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Silo.Tests;

/// <summary>Windows, reservations, priorities, accounts and policy over HTTP.</summary>
public sealed class SchedulingRouteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_window_is_added_listed_and_cancelled_and_a_repeat_changes_nothing()
    {
        await using var silo = await StartAsync();

        using var added = await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows", """{ "id": "kernel", "start": "+2h", "duration": "4h", "severity": "critical", "nodes": ["one"] }""", key: "w-1");
        using var again = await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows", """{ "id": "kernel", "start": "+2h", "duration": "4h", "severity": "critical", "nodes": ["one"] }""", key: "w-1");
        var listed = (await silo.GetAsync<Page<WindowView>>("/v1/windows")).Items.ShouldHaveSingleItem().Window;
        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows/kernel/cancel", """{ "reason": "not today" }""");
        using var twice = await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows/kernel/cancel", "{}");

        added.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await again.Content.ReadAsStringAsync(Token)).ShouldBe(await added.Content.ReadAsStringAsync(Token));
        (listed.Id, listed.Severity, listed.Status, listed.Duration).ShouldBe(("kernel", WindowSeverity.Critical, WindowStatus.Pending, TimeSpan.FromHours(4)));
        listed.Nodes.ShouldHaveSingleItem().Value.ShouldBe("n-one");
        (await SiloUnderTest.ReadAsync<ArrangementReply>(cancelled)).Changed.ShouldBeTrue();
        (await SiloUnderTest.ReadAsync<ArrangementReply>(twice)).Changed.ShouldBeFalse();
        (await silo.GetAsync<Page<WindowView>>("/v1/windows")).Items.ShouldHaveSingleItem().Window.Status.ShouldBe(WindowStatus.Cancelled);
    }

    [Fact]
    public async Task A_rolling_maintenance_is_a_window_for_each_group()
    {
        await using var silo = await StartAsync("one", "two", "three");

        using var added = await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows", """{ "id": "firmware", "start": "2031-08-01T08:00:00Z", "duration": "1h", "gap": "10m", "groupSize": 2, "whenDone": true }""");

        var windows = (await SiloUnderTest.ReadAsync<Page<WindowView>>(added)).Items.Select(static view => view.Window).ToArray();
        (await silo.GetAsync<Page<NodeEfficiency>>("/v1/nodes/efficiency")).Items.Select(static node => (node.Node.Value, node.Kind, node.Speeds.Count, node.Failures))
            .ShouldBe([("n-one", "cpu", 0, 0), ("n-three", "cpu", 0, 0), ("n-two", "cpu", 0, 0)]);
        windows.Select(static window => (window.Id, window.Nodes.Length, window.After, window.Start.Minute)).ShouldBe([("firmware.1", 2, "", 0), ("firmware.2", 1, "firmware.1", 10)]);
    }

    [Theory]
    [InlineData("/v1/windows", """{ }""", "id", "start", "end")]
    [InlineData("/v1/windows", """{ "id": "a b", "severity": "terrible", "start": "tomorrow", "duration": "5", "nodes": ["nowhere"] }""", "id", "severity", "start", "duration", "nodes")]
    [InlineData("/v1/windows", """{ "id": "w", "start": "2031-08-01T08:00:00Z", "end": "2031-08-01T07:00:00Z" }""", "end")]
    [InlineData("/v1/windows", """{ "id": "w", "start": "2021-08-01T08:00:00Z", "duration": "1h" }""", "end")]
    [InlineData("/v1/windows", """{ "id": "w", "start": "2031-08-01T08:00:00", "duration": "-1h" }""", "start", "duration")]
    [InlineData("/v1/windows", """{ "id": "w", "start": "+1h", "end": "+2h", "duration": "1h" }""", "duration")]
    [InlineData("/v1/windows", """{ "id": "w", "start": "+1h", "duration": "1h", "groupSize": 0 }""", "groupSize")]
    [InlineData("/v1/windows", """{ "id": "w", "start": "+1h", "duration": "1h", "groups": [["one"], ["one"]] }""", "groups")]
    [InlineData("/v1/reservations", """{ }""", "id", "start", "end", "project")]
    [InlineData("/v1/reservations", """{ "id": "r", "start": "+1h", "duration": "1h", "nodes": 0, "cores": -1, "memory": "4", "gpus": -1, "kind": "whole", "class": "urgent", "strategy": "luck", "project": "nobody" }""", "nodes", "cores", "memory", "gpus", "kind", "class", "strategy", "project")]
    [InlineData("/v1/reservations", """{ "id": "r", "start": "+2h", "end": "+1h", "project": "lab/heat" }""", "end")]
    [InlineData("/v1/conflicts", """{ }""", "conflict", "newer")]
    [InlineData("PUT /v1/priorities", """{ "value": 1.5, "class": "urgent" }""", "target", "value", "class")]
    [InlineData("PUT /v1/deadlines", """{ "deadline": "soon" }""", "target", "deadline")]
    [InlineData("PUT /v1/deadlines", """{ "target": "x", "deadline": "2021-08-01T08:00:00Z" }""", "deadline")]
    [InlineData("PUT /v1/licences", """{ "ansys": -1, "": 2 }""", "licences", "licences.ansys")]
    [InlineData("PUT /v1/policy", "backfill: { kind: magic }\norder: { weights: { age: -1 } }\n", "backfill.kind", "order.weights.age")]
    [InlineData("PATCH /v1/accounts/p-lab.heat", """{ "shares": -1, "guaranteed": 0.5, "maximum": 0.2, "lendLimit": 7, "runningMax": -5, "budgets": [{ "unit": "coreHours", "limit": -3 }], "removeBudgets": ["none"] }""", "shares", "maximum", "lend_limit", "running_max", "remove_budgets", "budgets.core-hours/hard/total.limit")]
    public async Task Bad_input_gets_every_mistake_at_once_with_what_is_allowed_and_changes_nothing(string where, string body, params string[] paths)
    {
        await using var silo = await StartAsync();
        var (method, path) = where.Split(' ') is [var verb, var target] ? (verb, target) : ("POST", where);

        using var reply = await SendAsync(silo.Owner, method, path, body);
        var problem = await SiloUnderTest.ProblemAsync(reply, 422);

        problem.Problems.Select(static mistake => mistake.Path).ShouldBe(paths, ignoreOrder: true);
        problem.Problems.ShouldAllBe(static mistake => mistake.Message.Length > 0);
        (await silo.GetAsync<Page<WindowView>>("/v1/windows")).Items.ShouldBeEmpty();
        (await silo.GetAsync<Page<Reservation>>("/v1/reservations")).Items.ShouldBeEmpty();
        (await silo.Owner.GetAsync("/v1/accounts/p-lab.heat", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_nobody_would_read_of_an_order_is_refused_with_its_place_and_changes_nothing()
    {
        await using var silo = await StartAsync();

        foreach (var (method, path, body, places) in ((string, string, string, string[])[])
        [
            ("PATCH", "/v1/accounts/p-lab.heat", """{ "garanteed": 0.5, "shares": 2, "budgets": [null, { "unit": "coreHours", "limt": 3, "user": null }], "removeBudgets": [null] }""", ["garanteed", "budgets[0]", "budgets[1].limt", "budgets[1].user", "removeBudgets[0]"]),
            ("PUT", "/v1/accounts/p-lab.heat", """{ "maxmum": 0.5, "budgets": { "core-hours/hard/month": null } }""", ["maxmum", "budgets.core-hours/hard/month"]),
            ("POST", "/v1/windows", """{ "id": "w", "start": "+1h", "duration": "1h", "node": ["one"] }""", ["node"]),
            ("POST", "/v1/reservations", """{ "id": "r", "start": "+1h", "duration": "1h", "project": "lab/heat", "features": [null] }""", ["features[0]"]),
            ("POST", "/v1/plan", """{ "addNode": 3, "priorities": [null, { "target": "x", "valu": 1 }], "moveWindows": { "w": null } }""", ["addNode", "priorities[0]", "priorities[1].valu", "moveWindows.w"]),
            ("PATCH", "/v1/licences", """{ "ansys": -1, "": null }""", ["licences", "licences.ansys"]),
        ])
        {
            using var reply = await SendAsync(silo.Owner, method, path, body);
            (await SiloUnderTest.ProblemAsync(reply, 422)).Problems.Select(static problem => problem.Path).ShouldBe(places, ignoreOrder: true, body);
        }

        // Names in another case, and what may be missing, are as they were.
        (await SendAsync(silo.Owner, "POST", "/v1/plan", """{ "Target": null, "addNodes": 1 }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await silo.Owner.GetAsync("/v1/accounts/p-lab.heat", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await silo.GetAsync<Page<WindowView>>("/v1/windows")).Items.ShouldBeEmpty();
        (await silo.GetAsync<Dictionary<string, int>>("/v1/licences")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_window_that_is_not_there_is_not_found_and_one_that_is_firm_is_a_conflict()
    {
        await using var silo = await StartAsync();
        using var firm = await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows", """{ "id": "firm", "start": "+2h", "duration": "1h", "cancellable": false }""");
        firm.StatusCode.ShouldBe(HttpStatusCode.Created);

        await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows/nothing/cancel", "{}"), 404);
        (await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows/firm/cancel", "{}"), 409)).Problems.ShouldHaveSingleItem().Path.ShouldBe("cancellable");
        (await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(silo.Owner, "/v1/windows", """{ "id": "firm", "start": "+2h", "duration": "1h" }"""), 422)).Problems.ShouldHaveSingleItem().Path.ShouldBe("id");
    }

    [Fact]
    public async Task A_reservation_is_confirmed_and_one_that_others_win_against_is_told_when_it_would_fit()
    {
        await using var silo = await StartAsync();

        using var first = await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations", """{ "id": "first", "start": "2031-08-01T08:00:00Z", "duration": "2h", "project": "lab/heat", "class": "high" }""");
        using var second = await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations", """{ "id": "second", "start": "2031-08-01T09:00:00Z", "duration": "2h", "project": "lab/heat", "class": "low" }""");
        using var gone = await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations/first/cancel", "{}");

        (await SiloUnderTest.ReadAsync<ArrangementReply>(first)).Reservation!.State.ShouldBe(ReservationState.Confirmed);
        var refusal = await SiloUnderTest.ProblemAsync(second, 409);
        refusal.Problems.ShouldContain(static problem => problem.Allowed != null && problem.Allowed.StartsWith("it would fit from 2031-08-01T10:00:00Z to 2031-08-01T12:00:00Z", StringComparison.Ordinal));
        (await SiloUnderTest.ReadAsync<ArrangementReply>(gone)).Accepted.ShouldBeTrue();
        (await silo.GetAsync<Page<ReservationConflict>>("/v1/conflicts?resolved=true")).Items.ShouldHaveSingleItem().Reservation.ShouldBe("second");
        (await silo.GetAsync<Page<ReservationConflict>>("/v1/conflicts?resolved=false")).Items.ShouldBeEmpty();
        using var stan = await silo.ClientAsync("stan", "operator", "other");
        (await SiloUnderTest.ReadAsync<Page<ReservationConflict>>(await stan.GetAsync("/v1/conflicts", Token))).Items.ShouldBeEmpty("it is of another institution");
        var conflict = (await silo.GetAsync<Page<ReservationConflict>>("/v1/conflicts")).Items.ShouldHaveSingleItem().Id;
        await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(stan, "/v1/conflicts", JsonSerializer.Serialize(new { conflict, newer = true })), 403);
        await SiloUnderTest.ProblemAsync(await silo.Owner.GetAsync("/v1/conflicts?resolved=perhaps", Token), 400);
        (await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations/first/complete", "{}"), 409)).Problems.ShouldHaveSingleItem().Path.ShouldBe("state");
        await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations/nothing/complete", "{}"), 404);
    }

    [Fact]
    public async Task A_priority_and_a_deadline_are_set_by_who_may_and_taken_back()
    {
        await using var silo = await StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var cora = await silo.ClientAsync("cora", "submitter", "lab", "heat");
        using var stan = await silo.ClientAsync("stan", "operator", "other");
        using var accepted = await silo.SubmitAsync(Campaigns.Small("one", members: 1), by: sam);
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);

        (await SendAsync(cora, "PUT", "/v1/priorities", """{ "target": "s-one", "value": 1 }""")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(cora, "PUT", "/v1/priorities", """{ "target": "s-one-1", "value": 1 }""")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await SendAsync(stan, "PUT", "/v1/priorities", """{ "target": "one", "value": 1 }""")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await SiloUnderTest.ReadAsync<ArrangementReply>(await SendAsync(silo.Owner, "PUT", "/v1/priorities", """{ "target": "one", "value": 0.75, "class": "high" }"""))).Changed.ShouldBeTrue();
        (await SiloUnderTest.ReadAsync<ArrangementReply>(await SendAsync(silo.Owner, "PUT", "/v1/deadlines", """{ "target": "one", "deadline": "2031-08-01T08:00Z" }"""))).Changed.ShouldBeTrue();

        var set = (await silo.GetAsync<Page<Core.Clusters.PrioritySetting>>("/v1/priorities")).Items.ShouldHaveSingleItem();
        (set.Target, set.Value, set.Class).ShouldBe(("one", 0.75, PriorityClass.High));
        (await silo.GetAsync<Page<Core.Clusters.DeadlineSetting>>("/v1/deadlines")).Items.ShouldHaveSingleItem().Simulation.Value.ShouldBe("s-one-1");
        (await SiloUnderTest.ReadAsync<ArrangementReply>(await SendAsync(silo.Owner, "PUT", "/v1/priorities", """{ "target": "one" }"""))).Changed.ShouldBeTrue();
        (await silo.GetAsync<Page<Core.Clusters.PrioritySetting>>("/v1/priorities")).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_account_is_arranged_in_parts_and_whole_and_listed()
    {
        await using var silo = await StartAsync();
        using var accepted = await silo.SubmitAsync(Campaigns.Small("one", members: 1));

        using var part = await SendAsync(silo.Owner, "PATCH", "/v1/accounts/p-lab.heat", """{ "shares": 3, "users": { "ada": 2 }, "budgets": [{ "unit": "coreHours", "kind": "hard", "window": "month", "limit": 100 }, { "unit": "coreHours", "window": "month", "user": "ada", "limit": 10 }] }""");
        var view = await SiloUnderTest.ReadAsync<AccountView>(part);
        using var whole = await SendAsync(silo.Owner, "PUT", "/v1/accounts/p-lab.heat", """{ "shares": 2, "maximum": 0.5 }""");
        var after = await SiloUnderTest.ReadAsync<AccountView>(whole);

        view.Terms.Shares.ShouldBe(3);
        view.Budgets.Select(static budget => budget.Key).ShouldBe(["core-hours/hard/month", "core-hours/hard/month/ada"]);
        (after.Terms.Shares, after.Terms.Maximum, after.Terms.Budgets.Count, after.Terms.Users.Count).ShouldBe((2, 0.5, 0, 0));
        AccountView known;
        while ((known = await silo.GetAsync<AccountView>("/v1/accounts/p-lab.heat")).Standing is null)
        {
            // Its work comes to the cluster a moment after it was accepted.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        (known.Standing.Account, known.Standing.Total, known.Standing.Guaranteed, known.Standing.Borrowed).ShouldBe(("p-lab.heat", 4, 0, 0));
        (await silo.GetAsync<Page<AccountSummary>>("/v1/accounts")).Items.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static account => account.Id.Value.ShouldBe("p-lab.heat"),
            static account => account.Simulations.ShouldBe(1),
            static account => account.Standing.ShouldNotBeNull().Total.ShouldBe(4));
    }

    [Fact]
    public async Task Policy_licences_and_energy_are_set_and_read()
    {
        await using var silo = await StartAsync();

        (await SendAsync(silo.Owner, "PUT", "/v1/policy", "preset: easy\n")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(silo.Owner, "PUT", "/v1/licences", """{ "ansys": 4 }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(silo.Owner, "PUT", "/v1/energy", """{ "mode": "balanced", "prices": [{ "from": "2031-08-01T08:00:00Z", "perKilowattHour": 0.2 }] }""")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await silo.GetAsync<PolicyDocument>("/v1/policy")).Text.ShouldContain("easy");
        (await silo.GetAsync<PolicyDocument>("/v1/policy")).File.ShouldContain("  kind: easy\n");
        (await silo.GetAsync<JsonElement>("/v1/licences")).GetProperty("ansys").GetInt32().ShouldBe(4);
        (await SendAsync(silo.Owner, "PATCH", "/v1/licences", """{ "fluent": 20 }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SendAsync(silo.Owner, "PATCH", "/v1/licences", """{ "ansys": null, "cfd": 0 }""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await silo.GetAsync<Dictionary<string, int>>("/v1/licences")).ShouldBe(new Dictionary<string, int> { ["cfd"] = 0, ["fluent"] = 20 });
        (await silo.GetAsync<JsonElement>("/v1/energy")).GetProperty("mode").GetString().ShouldBe("balanced");
        (await silo.GetAsync<JsonElement>("/v1/energy")).GetProperty("inForce").GetString().ShouldBe("balanced");
        (await silo.GetAsync<JsonElement>("/v1/energy")).GetProperty("savings").GetProperty("nightSavings").GetDouble().ShouldBe(0.5, 0.001, "one node of which no figures are known");
        (await SendAsync(silo.Owner, "PUT", "/v1/policy", "")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await silo.GetAsync<PolicyDocument>("/v1/policy")).Text.ShouldBeEmpty();
        (await silo.GetAsync<PolicyDocument>("/v1/policy")).File.ShouldContain("  kind: depth\n");
    }

    [Fact]
    public async Task Who_is_no_operator_arranges_nothing_for_others()
    {
        await using var silo = await StartAsync();

        // The node takes work of the user whose agent it is.
        using var sam = await silo.ClientAsync(Environment.UserName, "submitter", "lab", "heat");

        foreach (var (method, path, body) in ((string, string, string)[])
        [
            ("POST", "/v1/windows", "{}"), ("POST", "/v1/windows/x/cancel", "{}"), ("PATCH", "/v1/accounts/p-lab.heat", "{}"), ("PUT", "/v1/licences", "{}"), ("PUT", "/v1/energy", "{}"),
            ("PUT", "/v1/policy", ""), ("POST", "/v1/conflicts", "{}"), ("GET", "/v1/conflicts", ""),
        ])
        {
            (await SendAsync(sam, method, path, body)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
        }

        using var own = await SiloUnderTest.SendAsync(sam, "/v1/reservations", """{ "id": "mine", "start": "+1h", "duration": "1h" }""");
        own.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var foreign = await SiloUnderTest.SendAsync(sam, "/v1/reservations", """{ "id": "theirs", "start": "+1d", "duration": "1h", "user": "cora" }""");
        (await SiloUnderTest.ProblemAsync(foreign, 422)).Problems.ShouldHaveSingleItem().Path.ShouldBe("user");
    }

    [Fact]
    public async Task Work_that_no_node_could_ever_hold_is_refused_with_the_nearest_that_could_once_there_are_nodes()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        const string wide = "name: {0}\nproject: lab/heat\nstages:\n  warm: {{ run: x, duration: 5m }}\n  wide: {{ run: x, duration: 5m, threads: 400, after: warm }}\n";
        using var early = await silo.SubmitAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, wide, "early"));
        (await new AgentByHand(silo.Owner, "one").RegisterAsync()).Accepted.ShouldBeTrue();
        await NodesAsync(silo, 1);

        using var late = await silo.SubmitAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, wide, "late"));
        using var repeated = await silo.SubmitAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, wide, "early"));

        early.StatusCode.ShouldBe(HttpStatusCode.Created, "nodes may come");
        var problem = (await SiloUnderTest.ProblemAsync(late, 422)).Problems.ShouldHaveSingleItem();
        problem.Path.ShouldBe("stages.wide");
        problem.Message.ShouldContain("n-one");
        problem.Message.ShouldContain("4 of the 400 cores");
        (await silo.Owner.GetAsync("/v1/campaigns/late", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        repeated.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_third_simulation_is_refused_where_two_are_the_maximum_and_accepted_once_one_is_over()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "orchestrator.json"), """{ "Orchestrator": { "Deployment": { "LiveSimulationsMax": 2 } } }""", Token);
        await using var silo = await SiloUnderTest.StartAsync(directory);
        using var two = await silo.SubmitAsync(Campaigns.Small("two"));
        using var third = await silo.SubmitAsync(Campaigns.Small("third", members: 1));
        using var again = await silo.SubmitAsync(Campaigns.Small("two"));

        two.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await SiloUnderTest.ProblemAsync(third, 409)).Title.ShouldContain("above the maximum of 2");
        (await silo.Owner.GetAsync("/v1/campaigns/third", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        again.StatusCode.ShouldBe(HttpStatusCode.OK, "a repeat adds nothing");

        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/campaigns/two/cancel", "{}");
        HttpResponseMessage late;
        while ((late = await silo.SubmitAsync(Campaigns.Small("third", members: 1))).StatusCode == HttpStatusCode.Conflict)
        {
            late.Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }

        late.StatusCode.ShouldBe(HttpStatusCode.Created);
        late.Dispose();
    }

    private static async Task<SiloUnderTest> StartAsync(params string[] nodes)
    {
        var silo = await SiloUnderTest.StartAsync();
        string[] names = nodes.Length == 0 ? ["one"] : nodes;
        foreach (var name in names)
        {
            (await new AgentByHand(silo.Owner, name).RegisterAsync()).Accepted.ShouldBeTrue();
        }

        await NodesAsync(silo, names.Length);
        return silo;
    }

    /// <summary>A node registers with its own grain, of which the cluster hears a moment later.</summary>
    private static async Task NodesAsync(SiloUnderTest silo, int count)
    {
        while ((await silo.GetAsync<ClusterView>("/v1/clusters/k-main")).Nodes.Length < count)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (method != "GET")
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await client.SendAsync(request, Token);
    }
}
