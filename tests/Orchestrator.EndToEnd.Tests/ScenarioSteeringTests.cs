using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Steering through the whole service, on the climate example.</summary>
public sealed class ScenarioSteeringTests
{
    private const int Scenarios = 8;
    private const int Steps = 2000;
    private const string LooksOften = "Orchestrator__Scenarios__EvaluateAfter";
    private const string Evaluator = "Orchestrator__Scenarios__EvaluatorCommand";

    /// <summary>
    /// Eight forcings on two nodes; which one is the hottest? Equal shares give each as many steps, so they have what the hottest reaches at its end when all are there: eight times
    /// its steps. The model gives the same numbers whoever runs beside it, so that this need not be run.
    /// </summary>
    [Fact]
    public async Task Steering_has_the_hottest_climate_with_less_compute_than_equal_shares()
    {
        using var deployment = new Deployment(window: 10, patience: 240);
        Environment.SetEnvironmentVariable(LooksOften, "00:00:01");
        Environment.SetEnvironmentVariable(Evaluator, """cat > /dev/null; echo '{"scores": [{"scenario": "f1", "criterion": "novelty", "score": 0.25, "reason": "as the site says"}]}' """);
        try
        {
            await deployment.StartAsync("one", "two");
        }
        finally
        {
            Environment.SetEnvironmentVariable(LooksOften, null);
            Environment.SetEnvironmentVariable(Evaluator, null);
        }

        await deployment.SubmitAsync($$"""
            name: hottest
            project: tests/steering
            scenarios: { {{string.Join(", ", Enumerable.Range(1, Scenarios).Select(static number => FormattableString.Invariant($"f{number}: {{ forcing: {number / 2.0} }}")))}} }
            stages:
              coupled:
                run: climate run --seed 7 --forcing {forcing} --steps {{Steps}} --history-every 500 --pace 9
                restart: climate run --resume {restore} --forcing {forcing} --steps {{Steps}} --pace 9
                memory: 64M
                duration: 40s
                grace: 5s
                outputs: [summary.json]
            compare: { objective: { metric: tas, direction: higher }, steering: steer, floor: 0 }
            """);
        var hottest = new SimulationId($"s-hottest-f{Scenarios}");
        await deployment.EventAsync(happened => happened.Kind == EventKinds.SimulationCompleted && happened.Simulation == hottest, "the end of the hottest");

        var events = (await deployment.EventsAsync()).TakeWhile(happened => !(happened.Kind == EventKinds.SimulationCompleted && happened.Simulation == hottest)).ToList();
        var view = await deployment.Client.GetScenarioAsync(new("o-hottest"), deployment.Token);
        var shown = await deployment.RunAsync("scenarios", "show", "hottest", "--now");
        await deployment.UntilAsync(
            async () => (await deployment.Client.GetScenarioAsync(new("o-hottest"), deployment.Token)).Assessments[0].Criteria.Any(static score => score is { Score: 0.25, Reason: "as the site says" }),
            "the site's evaluator was asked");
        var compared = await deployment.RunAsync("scenarios", "compare", "hottest", "f8", "f1");
        var listed = await deployment.RunAsync("scenarios", "list");
        var set = await deployment.RunAsync("scenarios", "override", "hottest", "f1", "0.9", "--reason", "for the review");

        var spent = events.Where(static happened => happened is { Kind: EventKinds.StageProgressed or EventKinds.StageCompleted, Step: not null }).GroupBy(static happened => happened.Simulation).Sum(static group => group.Max(static happened => happened.Step!.Value))
            + events.Sum(static happened => happened.StepsAgain ?? 0);
        var ratio = (double)Scenarios * Steps / spent;
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"steered {spent} steps, equal shares {Scenarios * Steps}: {ratio:F2} times as many"));
        ratio.ShouldBeGreaterThan(1.2);
        view.Variants[0].Name.ShouldBe("f8");
        events.ShouldContain(static happened => happened.Kind == EventKinds.SimulationPausing && happened.Text.Contains("not among the best third yet"));
        events.ShouldContain(static happened => happened.Kind == EventKinds.SimulationResumed);
        events.ShouldNotContain(static happened => happened.Kind == EventKinds.SimulationFailed);
        shown.Output.ShouldContain("steering: steer", customMessage: shown.Error);
        shown.Output.ShouldContain("f8: continue");
        compared.Output.ShouldContain("f8 is", customMessage: compared.Error);
        listed.Output.ShouldContain("o-hottest", customMessage: listed.Error);
        set.Output.ShouldContain("f1: priority 0.90", customMessage: set.Error);
    }
}
