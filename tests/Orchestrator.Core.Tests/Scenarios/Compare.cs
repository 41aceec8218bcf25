using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;

namespace Orchestrator.Core.Tests.Scenarios;

/// <summary>Says in few words what the tests of comparisons need.</summary>
internal static class Compare
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly ScenarioId Id = new("o-co2");

    /// <summary>Variants as in "control: a b; 4x: c".</summary>
    public static ScenarioDefinition Definition(string variants, string? by = "tas", bool higher = true) => new()
    {
        Id = Id,
        Campaign = "co2",
        Owner = new Ownership { Institution = "climate", Project = "attribution", User = "ada", Account = new AccountId("p-climate") },
        Metric = by,
        HigherIsBetter = higher,
        Variants = variants.Split(';').Select(static part => part.Split(':')).ToImmutableSortedDictionary(
            static part => part[0].Trim(),
            static part => part[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static name => new SimulationId($"s-{name}")).ToImmutableArray()),
    };

    public static ScenarioInput.Define Define(string variants, string? by = "tas", bool higher = true) => new(Definition(variants, by, higher));

    public static ScenarioInput.Observed Observed(string simulation, params OrchestratorEvent[] events) =>
        new(new SimulationId($"s-{simulation}"), [.. events.Select(occurrence => occurrence with { Source = $"s-{simulation}" })]);

    public static OrchestratorEvent Event(long sequence, string kind, double? progress = null, params (string Name, double Value)[] metrics) => new()
    {
        Sequence = sequence,
        Kind = kind,
        At = Noon,
        SimulationProgress = progress,
        Metrics = metrics.Length == 0 ? null : metrics.ToImmutableSortedDictionary(static metric => metric.Name, static metric => metric.Value),
    };

    public static ScenarioState After(params ScenarioInput[] inputs)
    {
        var state = new ScenarioState();
        foreach (var input in inputs)
        {
            state = Step(state, input);
        }

        return state;
    }

    public static ScenarioState Step(ScenarioState state, ScenarioInput input, DateTimeOffset? now = null)
    {
        var after = ScenarioMachine.Step(state, input, now ?? Noon);
        ScenarioMachine.SanityCheck(after);
        return after;
    }

    public static ScenarioMember Member(this ScenarioState state, string simulation) => state.Members[new SimulationId($"s-{simulation}")];
}
