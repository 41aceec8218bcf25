using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;

namespace Orchestrator.Benchmarks;

/// <summary>How long does it take to judge a thousand scenarios anew, and to move their priorities and shares?</summary>
[MemoryDiagnoser]
public class ScenarioBenchmarks
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private ScenarioState state = new();

    [Params(1000)]
    public int Scenarios { get; set; }

    [Params(ScenarioSteering.Advise, ScenarioSteering.Steer)]
    public ScenarioSteering Steering { get; set; }

    /// <summary>Each with two members, two parameters, two metrics and ten samples of them.</summary>
    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        var names = Enumerable.Range(0, Scenarios).Select(static i => FormattableString.Invariant($"v{i:0000}")).ToArray();
        state = ScenarioMachine.Step(
            new(),
            new ScenarioInput.Define(new()
            {
                Id = new("o-thousand"),
                Metric = "loss",
                HigherIsBetter = false,
                Steering = Steering,
                Targets = [new() { Metric = "loss", Direction = Core.Scenarios.Criteria.MetricDirection.Lower }, new() { Metric = "skill", Direction = Core.Scenarios.Criteria.MetricDirection.Higher }],
                Variants = names.ToImmutableSortedDictionary(static name => name, static name => ImmutableArray.Create(new SimulationId($"s-{name}-1"), new SimulationId($"s-{name}-2"))),
                Parameters = names.ToImmutableSortedDictionary(
                    static name => name, _ => ImmutableSortedDictionary<string, double>.Empty.Add("rate", random.NextDouble()).Add("forcing", random.Next(10))),
            }),
            Noon);
        for (var sample = 1; sample <= 10; sample++)
        {
            foreach (var id in state.Members.Keys.ToList())
            {
                var happened = new OrchestratorEvent
                {
                    Kind = EventKinds.StageProgressed,
                    Source = id.Value,
                    Sequence = sample,
                    SimulationProgress = sample * 0.02,
                    Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("loss", 5 + random.NextDouble()).Add("skill", random.NextDouble()),
                };
                state = ScenarioMachine.Step(state, new ScenarioInput.Observed(id, [happened]), Noon);
            }

            state = ScenarioMachine.Step(state, new ScenarioInput.Evaluate(), Noon);
            state = ScenarioMachine.Step(state, new ScenarioInput.Published(state.EventSequence), Noon);
        }
    }

    [Benchmark]
    public int ReevaluateAndReallocate() => ScenarioMachine.Step(state, new ScenarioInput.Reprioritize(Force: true), Noon.AddHours(4)).Priorities.Changes.Length;
}
