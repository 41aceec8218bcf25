using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;

namespace Orchestrator.Grains.Scenarios;

/// <summary>What a state looks like from outside.</summary>
internal static class ScenarioViews
{
    public static ScenarioView Of(ScenarioState state, DateTimeOffset now)
    {
        var assessments = ScenarioMachine.Assess(state, now);
        var (complementary, alike) = ScenarioMachine.Pair(state, assessments);
        return new()
        {
            Definition = state.Definition,
            EvaluatedAt = state.EvaluatedAt,
            Assessments = assessments,
            Complementary = complementary,
            Alike = alike,
            Priorities = state.Priorities,
            Shares = state.Shares,
            Moves = state.Moves,
            Advice = state.Advice,
            Held = state.Held,
            ReprioritizedAt = state.ReprioritizedAt,
            Comparisons = state.Comparisons.Comparisons,
            History = state.Assessments,
            Variants =
            [
                .. ScenarioEvaluation.Evaluate(state.Definition, state.Members).Select(variant => new VariantView
                {
                    Name = variant.Name,
                    Rank = variant.Rank,
                    Metrics = variant.Metrics,
                    Members = [.. state.Definition.Variants[variant.Name].Select(id => MemberOf(id, state.Members[id]))],
                }),
            ],
        };
    }

    private static MemberView MemberOf(SimulationId id, ScenarioMember member) =>
        new() { Simulation = id, Status = member.Status, Progress = member.Progress, Metrics = member.Metrics };
}
