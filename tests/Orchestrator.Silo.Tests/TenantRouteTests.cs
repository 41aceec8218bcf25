using System.Globalization;
using System.Net;
using System.Text;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Silo.Tests;

/// <summary>Institutions and users who share a silo: whose names are whose, and what is seen of others.</summary>
public sealed class TenantRouteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_name_of_a_campaign_is_whose_it_is_and_nobody_takes_it_over()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var sam = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var cora = await silo.ClientAsync("cora", "submitter", "lab", "heat");
        using var stan = await silo.ClientAsync("stan", "administrator", "other");
        using (var first = await silo.SubmitAsync(Compared("lab/heat", "control", "doubled"), by: sam))
        {
            first.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        var taken = await SiloUnderTest.ProblemAsync(await silo.SubmitAsync(Compared("other/heat", "mine", "worse"), by: stan), 409);
        var ofColleague = await SiloUnderTest.ProblemAsync(await silo.SubmitAsync(Compared("lab/heat", "mine"), by: cora), 409);
        var one = new SimulationDefinition
        {
            Id = new("s-alone"),
            Campaign = "warm",
            Owner = new() { Institution = "other", Project = "heat" },
            Stages = [new() { Name = "run", Run = "true" }],
        };
        var alone = await SiloUnderTest.ProblemAsync(await SiloUnderTest.SendAsync(stan, "/v1/simulations", System.Text.Json.JsonSerializer.Serialize(one, Abstractions.WireJson.Options)), 409);

        taken.Problems.ShouldHaveSingleItem().Path.ShouldBe("name");
        taken.Title.ShouldNotContain("sam");
        ofColleague.Title.ShouldContain("a campaign of sam");
        alone.Problems.ShouldHaveSingleItem().Path.ShouldBe("campaign");
        (await silo.Owner.GetAsync("/v1/simulations/s-alone", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await silo.GetAsync<ScenarioView>("/v1/scenarios/o-warm")).Definition.Variants.Keys.ShouldBe(["control", "doubled"]);
        (await SiloUnderTest.SendAsync(sam, "/v1/campaigns/warm/pause", "{}")).StatusCode.ShouldBe(HttpStatusCode.OK, "it is still his alone");
        using var more = await silo.SubmitAsync(Compared("lab/heat", "control", "doubled", "tripled"), by: sam);
        more.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Two_that_are_submitted_at_the_same_moment_stay_within_the_maximum_of_their_user()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "orchestrator.json"), """{ "Orchestrator": { "Deployment": { "LiveSimulationsOfUserMax": 2 } } }""", Token);
        await using var silo = await SiloUnderTest.StartAsync(directory);
        using var sam = await silo.ClientAsync("sam", "submitter", "lab", "heat");
        using var namesake = await silo.ClientAsync("sam", "submitter", "other", "heat");

        var replies = await Task.WhenAll(Enumerable.Range(1, 4).Select(number => silo.SubmitAsync(Campaigns.Small(string.Create(CultureInfo.InvariantCulture, $"c{number}")), by: sam)));
        using var others = await silo.SubmitAsync(Campaigns.Small("theirs", project: "other/heat"), by: namesake);

        replies.Count(static reply => reply.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        replies.Count(static reply => reply.StatusCode == HttpStatusCode.Conflict).ShouldBe(3);
        others.StatusCode.ShouldBe(HttpStatusCode.Created, "a user's name is an institution's");
        (await silo.GetAsync<Page<SimulationSummary>>("/v1/simulations")).Items.Count(static row => row.Project == "lab/heat").ShouldBe(2);
        Array.ForEach(replies, static reply => reply.Dispose());
    }

    [Fact]
    public async Task A_deadline_that_is_over_and_a_reservation_that_is_none_are_refused_together_and_what_becomes_of_one_is_told()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await RegisterAsync(silo, "one");
        using var reserved = await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations", """{ "id": "course", "start": "+1h", "duration": "1h", "project": "lab/heat" }""");
        reserved.StatusCode.ShouldBe(HttpStatusCode.Created);

        var refused = await SiloUnderTest.ProblemAsync(await silo.SubmitAsync("deadline: 2021-08-01T08:00:00Z\nreservation: curse\n" + Campaigns.Small("late", members: 1)), 422);
        using var accepted = await silo.SubmitAsync("reservation: course\n" + Campaigns.Small("inside", members: 1));
        using var stranger = await silo.ClientAsync("stan", "operator", "other");
        var foreign = await SiloUnderTest.ProblemAsync(await silo.SubmitAsync("reservation: course\n" + Campaigns.Small("foreign", project: "other/heat", members: 1), by: stranger), 422);

        refused.Problems.Select(static problem => problem.Path).ShouldBe(["deadline", "reservation"]);
        refused.Problems[1].Allowed.ShouldBe("course, or none");
        (await silo.Owner.GetAsync("/v1/campaigns/late", Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        foreign.Problems.ShouldHaveSingleItem().Path.ShouldBe("reservation");
        accepted.StatusCode.ShouldBe(HttpStatusCode.Created);
        (await silo.GetAsync<SimulationView>("/v1/simulations/s-inside-1")).Reservation.ShouldBe("course");
        (await silo.GetAsync<Explanation>("/v1/simulations/s-inside-1/why")).Stages.Single(static stage => stage.Stage == "warm").Because.ShouldContain(static reason => reason.StartsWith("Its reservation course begins at ", StringComparison.Ordinal));
        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, "/v1/reservations/course/cancel", "{}");
        var (lease, _) = await new AgentByHand(silo.Owner, "one").LeaseAsync("warm");
        lease.Attempt.Simulation.Value.ShouldBe("s-inside-1");
        var over = await SiloUnderTest.ProblemAsync(await silo.SubmitAsync("reservation: course\n" + Campaigns.Small("after", members: 1)), 422);
        over.Problems.ShouldHaveSingleItem().Message.ShouldContain("is over since");
    }

    [Fact]
    public async Task Of_work_of_others_is_seen_what_it_uses_and_not_what_it_is()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        await RegisterAsync(silo, "one");
        using var submitted = await silo.SubmitAsync(Campaigns.Small("secret", members: 3));
        await new AgentByHand(silo.Owner, "one").LeaseAsync("warm");
        using var colleague = await silo.ClientAsync("vera", "viewer", "lab");
        using var stranger = await silo.ClientAsync("stan", "viewer", "other");

        foreach (var path in new[] { "/v1/clusters/k-main", "/v1/nodes", "/v1/nodes/n-one" })
        {
            (await stranger.GetStringAsync(path, Token)).ShouldNotContain("s-secret", customMessage: path);
            (await colleague.GetStringAsync(path, Token)).ShouldContain("s-secret", customMessage: path);
        }

        foreach (var client in new[] { stranger, colleague })
        {
            using var plan = await SiloUnderTest.SendAsync(client, "/v1/plan", "{}");
            (await SiloUnderTest.ReadAsync<PlanAnswer>(plan)).Runs.IsEmpty.ShouldBe(client == stranger);
        }

        using var seen = await stranger.GetAsync("/v1/clusters/k-main", Token);
        var cluster = await SiloUnderTest.ReadAsync<ClusterView>(seen);
        cluster.Leases.ShouldNotBeEmpty();
        cluster.Leases.ShouldAllBe(static lease => lease.Attempt == default && lease.Owner == null && lease.Shares.Length == 1);
        using var node = await stranger.GetAsync("/v1/nodes/n-one", Token);
        (await SiloUnderTest.ReadAsync<NodeView>(node)).Wanted.Length.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task An_order_to_a_campaign_tells_what_it_changed_and_what_was_refused()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("two"));

        var checkpoint = await OrderAsync("checkpoint");
        var paused = await OrderAsync("pause");
        var again = await OrderAsync("pause");

        (checkpoint.Changed, checkpoint.Unchanged, checkpoint.Refused, checkpoint.Ended, checkpoint.IsRefused()).ShouldBe((0, 0, 2, 0, true));
        checkpoint.Refusals.ShouldHaveSingleItem().ShouldContain("checkpoint is not possible");
        (paused.Changed, paused.Unchanged, paused.Refused, paused.Ended).ShouldBe((2, 0, 0, 0));
        (again.Changed, again.Unchanged, again.IsRefused()).ShouldBe((0, 2, false));

        async Task<CampaignOutcome> OrderAsync(string word)
        {
            using var reply = await SiloUnderTest.SendAsync(silo.Owner, $"/v1/campaigns/two/{word}", "{}");
            return (await SiloUnderTest.ReadAsync<CampaignSummary>(reply)).Outcome.ShouldNotBeNull();
        }
    }

    private static string Compared(string project, params string[] scenarios)
    {
        var text = new StringBuilder($"name: warm\nproject: {project}\nscenarios:\n");
        foreach (var scenario in scenarios)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {scenario}: {{ co2: 1 }}\n");
        }

        return text.Append("stages:\n  run: { run: \"true {co2}\", duration: 1m }\n").ToString();
    }

    /// <summary>A node registers with its own grain, of which the cluster hears a moment later.</summary>
    private static async Task RegisterAsync(SiloUnderTest silo, string name)
    {
        (await new AgentByHand(silo.Owner, name).RegisterAsync()).Accepted.ShouldBeTrue();
        while ((await silo.GetAsync<ClusterView>("/v1/clusters/k-main")).Nodes.IsEmpty)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
