using System.Text.Json;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Runtimes;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Tests.FakeAgent;

namespace Orchestrator.Grains.Tests.Clusters;

public sealed class ClusterLearningGrainTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_second_attempt_of_the_same_users_work_is_expected_as_long_as_the_first_took()
    {
        await using var lab = await Lab.OpenAsync(nodes: 1);
        var first = await lab.SubmitAsync([Lab.Stage("run")]);
        await lab.UntilAsync(first, SimulationStatus.Completed);
        var learned = (await FactsAsync<ClusterFact.WorkLearned>(lab, "work-learned", 1)).ShouldHaveSingleItem();
        (learned.User, learned.Run.JobType).ShouldBe(("ada", "co2/run"));
        learned.Run.Runtime.ShouldBeInRange(Lab.Interval, TimeSpan.FromMinutes(5));

        await lab.World.KillAllAndStartAgainAsync();
        var second = await lab.SubmitAsync([Lab.Stage("run")]);

        await lab.UntilAsync(second, SimulationStatus.Completed);
        var granted = await FactsAsync<ClusterFact.Granted>(lab, "lease-granted", 2);
        granted[0].DurationExpected.ShouldBeNull();
        var expected = TimeSpan.FromTicks(Math.Min(learned.Run.Runtime.Ticks, learned.Run.Estimate!.Value.Ticks));
        granted[1].DurationExpected!.Value.ShouldBeInRange(expected, expected + TimeSpan.FromSeconds(1), "in whole seconds");
        var answers = await lab.World.Grains.GetGrain<IClusterGrain>(lab.Cluster.Value).ExpectAsync(
            [new() { User = "ada", JobType = "co2/run", Estimate = learned.Run.Estimate }, new() { User = "bob", Estimate = TimeSpan.FromHours(3) }, new()], Token);
        answers.Select(static answer => answer.Source).ShouldBe([DurationSource.Learned, DurationSource.Estimate, DurationSource.Absent]);
        answers[0].Runs.ShouldBeGreaterThan(0);
        answers[1].Expected.ShouldBe(TimeSpan.FromHours(3));
        (await FactsAsync<ClusterFact.WorkLearned>(lab, "work-learned", 2)).Count.ShouldBe(2);
        var speeds = (await lab.World.Grains.GetGrain<IClusterGrain>(lab.Cluster.Value).GetArrangementsAsync(Token)).Speeds;
        speeds.ShouldNotBeEmpty("the kinds of nodes are listed");
        await lab.CheckEndAsync(first, second);
    }

    private static async Task<List<T>> FactsAsync<T>(Lab lab, string kind, int count)
        where T : ClusterFact
    {
        List<T> facts = [];
        await lab.UntilAsync(
            async () =>
            {
                var tail = await lab.World.Ledger.LoadAsync(lab.Cluster.Value, Token);
                tail.Snapshot.ShouldBeNull();
                facts = [.. tail.Entries.Where(entry => entry.Kind == kind).Select(static entry => JsonSerializer.Deserialize<T>(entry.Payload.Span, GrainStateSerializer.JsonOptions)!)];
                return facts.Count >= count;
            },
            $"the ledger has {count} of {kind}");
        return facts;
    }
}
