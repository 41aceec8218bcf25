using System.Net;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Failures;

namespace Orchestrator.Silo.Tests;

/// <summary>Failures that people report, look at, complete and cancel over HTTP.</summary>
public sealed class FailureRouteTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_people_report_is_listed_by_simulation_and_node_and_ends_as_they_say()
    {
        await using var silo = await SiloUnderTest.StartAsync();
        using var submitted = await silo.SubmitAsync(Campaigns.Small("seen", members: 1));
        submitted.EnsureSuccessStatusCode();
        var simulation = (await SiloUnderTest.ReadAsync<CampaignSummary>(submitted)).Simulations.ShouldHaveSingleItem();
        var path = $"/v1/simulations/{simulation}/failures";

        foreach (var (kind, severity, node) in new[] { ("storageFailure", "low", "n-one"), ("unknown", "high", "n-two"), ("processCrash", "critical", "n-two") })
        {
            using var reported = await SiloUnderTest.SendAsync(silo.Owner, path, $$"""{ "stage": "warm", "kind": "{{kind}}", "severity": "{{severity}}", "text": "seen", "node": "{{node}}" }""");
            reported.StatusCode.ShouldBe(HttpStatusCode.OK, await reported.Content.ReadAsStringAsync(Token));
        }

        using var completed = await SiloUnderTest.SendAsync(silo.Owner, path + "/complete", """{ "stage": "warm", "number": 2, "details": "rebooted" }""");
        completed.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var again = await SiloUnderTest.SendAsync(silo.Owner, path + "/complete", """{ "stage": "warm", "number": 2 }""");
        (await SiloUnderTest.ProblemAsync(again, 409)).Title.ShouldContain("No recovery in progress");
        using var unknown = await SiloUnderTest.SendAsync(silo.Owner, path + "/cancel", """{ "stage": "warm", "number": 9 }""");
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var all = await ListAsync(silo, $"simulation={simulation}", 3);
        (all.Open, all.Failures.Length, all.Tally.Recovered).ShouldBe((2, 3, 1));
        all.First.Select(static failure => failure.Severity).ShouldBe([FailureSeverity.Critical, FailureSeverity.Low]);
        all.Failures.ShouldAllBe(static failure => failure.Detection == FailureDetection.Manual);
        (await ListAsync(silo, "node=n-one", 1)).Failures.ShouldHaveSingleItem().Number.ShouldBe(1);
        (await ListAsync(silo, "open=true", 2)).Failures.Select(static failure => failure.Number).ShouldBe([3, 1]);

        using var cancelled = await SiloUnderTest.SendAsync(silo.Owner, path + "/cancel", """{ "stage": "warm", "number": 3, "details": "a false alarm" }""");
        cancelled.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var bad = await SiloUnderTest.SendAsync(silo.Owner, path, """{ "stage": "none", "kind": "unknown", "text": "seen" }""");
        (await SiloUnderTest.ProblemAsync(bad, 400)).Problems.ShouldHaveSingleItem().Path.ShouldBe("stage");
        using var empty = await SiloUnderTest.SendAsync(silo.Owner, path, """{ "stage": "warm" }""");
        (await SiloUnderTest.ProblemAsync(empty, 400)).Problems.Select(static problem => problem.Path).ShouldBe(["kind", "text"], ignoreOrder: true);
    }

    /// <summary>Events come to the log a moment after what they tell.</summary>
    private static async Task<FailureList> ListAsync(SiloUnderTest silo, string query, int atLeast)
    {
        while (true)
        {
            var list = await silo.GetAsync<FailureList>($"/v1/failures?{query}");
            if (list.Failures.Length >= atLeast)
            {
                return list;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
