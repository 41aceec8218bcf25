using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scenarios.Comparing;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Priorities;
using Orchestrator.Core.Scenarios.Reallocation;

namespace Orchestrator.Core.Scenarios;

/// <summary>Thinks over the priorities and shares of variants. The unit is the variant: its members are one ensemble, and are not ranked against each other.</summary>
internal static class Reprioritization
{
    public const string Share = "share";

    private const int SamplesMax = 32;
    private const int MovesMax = 200;

    /// <summary>Assessments that are kept, over all variants.</summary>
    private const int AssessmentsMax = 300;

    private static readonly ScenarioEvaluator Evaluator = new();

    /// <summary>What is known of each variant, by name.</summary>
    public static ImmutableArray<ScenarioFacts> Facts(ScenarioState state)
    {
        var targets = state.Definition.AllTargets();
        return
        [
            .. state.Definition.Variants.Select(variant =>
            {
                var members = variant.Value.Select(id => state.Members.GetValueOrDefault(id)).OfType<ScenarioMember>().ToList();
                return new ScenarioFacts
                {
                    Id = variant.Key,
                    Targets = targets,
                    Objectives = state.Definition.Objectives,
                    Tags = state.Definition.Tags.GetValueOrDefault(variant.Key, []),
                    Metrics = Means(members),
                    History = state.Samples.GetValueOrDefault(variant.Key, []),
                    Members = [.. members.Select(static member => member.Metrics)],
                    Parameters = state.Definition.Parameters.GetValueOrDefault(variant.Key, ImmutableSortedDictionary<string, double>.Empty),
                    Progress = members.Count == 0 ? null : members.Average(static member => member.Progress),
                    CoreHours = members.Sum(static member => member.CoreHours) is > 0 and var hours ? hours : null,
                    Attempts = members.Sum(static member => member.Attempts),
                    FailedAttempts = members.Sum(static member => member.FailedAttempts),
                    Simulations = [.. members.Select(static member => (member.Status, member.Progress))],
                };
            }),
        ];
    }

    public static ImmutableArray<Assessment> Assess(ScenarioState state, DateTimeOffset now) =>
        (state.OutsideScores.IsEmpty ? Evaluator : new ScenarioEvaluator(OutsideEvaluation.Evaluators(state.OutsideScores))).Evaluate(Facts(state), state.Priorities.Of, now);

    /// <summary>The samples with what the variants are now, where that is new.</summary>
    public static ImmutableSortedDictionary<string, ImmutableArray<MetricSample>> Sample(ScenarioState state)
    {
        var samples = state.Samples;
        foreach (var facts in Facts(state))
        {
            var before = samples.GetValueOrDefault(facts.Id, []);
            if (facts.Metrics.IsEmpty || facts.Progress is not { } progress || (before.Length > 0 && before[^1].Values.SequenceEqual(facts.Metrics)))
            {
                continue;
            }

            // When there are too many, every second of the old ones goes: the whole way stays in sight.
            var kept = before.Length < SamplesMax ? before : [.. before.Where(static (_, place) => place % 2 == 0)];
            samples = samples.SetItem(facts.Id, kept.Add(new() { Progress = progress, Values = facts.Metrics }));
        }

        return samples;
    }

    /// <summary>Judges all variants, moves their priorities and shares, and says why.</summary>
    public static ScenarioState Run(ScenarioState state, bool force, DateTimeOffset now)
    {
        var settings = state.Definition.Reallocation;
        var assessments = Assess(state, now);

        // What was followed once is no evidence for another step in the same direction.
        var news = assessments.Where(assessment => IsNew(state, assessment)).ToList();
        var ranking = ScenarioRanking.Rank(assessments, RankingMethod.WeightedSum, CriterionWeights.Evaluation);
        var priorities = settings.Priorities != PriorityRule.Ranking ? news.Aggregate(state.Priorities, (all, assessment) => all.Follow(assessment, now, settings.MinimumChange, force))
            : news.Count > 0 ? state.Priorities.Follow(ranking, now, settings.MinimumChange)
            : state.Priorities;
        var comparisons = state.Comparisons;
        if (ranking.Length >= 2 && ranking[1].Rank > 0)
        {
            var best = assessments.Single(one => one.Scenario == ranking[0].Scenario);
            comparisons = ranking.Skip(1).Where(static other => other.Rank > 0).Take(20).Aggregate(
                comparisons, (all, other) => all.Add(ScenarioComparer.Compare(best, assessments.Single(one => one.Scenario == other.Scenario), ComparisonMethod.Weighted, now)));
        }

        var after = state with
        {
            Assessments = state.Assessments.Add(assessments, Math.Clamp(AssessmentsMax / Math.Max(1, assessments.Length), 2, AssessmentHistory.Max)),
            Priorities = priorities,
            Comparisons = comparisons,
            ReprioritizedAt = now,
            Judged = state.Definition.Variants.Keys.ToImmutableSortedDictionary(static name => name, name => ReportsOf(state, name), StringComparer.Ordinal),
        };

        // Who has ended gives what it holds, whatever was judged.
        if (news.Count > 0 || state.Definition.Variants.Keys.Any(name => state.Shares.GetValueOrDefault(name) > 0 && Members(state, name).All(static member => member.HasEnded)))
        {
            after = MoveShares(after, now);
        }

        return Steering.Follow(after with { Advice = Advice(state, after, assessments) });
    }

    /// <summary>Whether there are reports since the one that the priority followed last, or it says something else; a priority that a person has just given back follows whatever is known.</summary>
    private static bool IsNew(ScenarioState state, Assessment assessment) =>
        state.Assessments.Latest(assessment.Scenario) is not { } before
        || state.Judged.GetValueOrDefault(assessment.Scenario) != ReportsOf(state, assessment.Scenario)
        || before.Score != assessment.Score
        || before.Confidence != assessment.Confidence
        || state.Priorities.ChangesOf(assessment.Scenario, limit: 1) is [{ Reason: PriorityReason.OverrideTakenBack }];

    private static long ReportsOf(ScenarioState state, string variant) => Members(state, variant).Sum(static member => member.Reported);

    /// <summary>Shares follow priorities by the strategy of the comparison.</summary>
    public static ScenarioState MoveShares(ScenarioState state, DateTimeOffset now)
    {
        var names = state.Definition.Variants.Keys.ToList();
        var held = names.Count > 0 && names.All(state.Shares.ContainsKey) && state.Shares.Count == names.Count ? state.Shares : Shares.Equal(names);
        var known = state.Assessments;
        var plan = Reallocator.Reallocate(
            [
                .. names.Select(name => new ShareHolder
                {
                    Scenario = name,
                    Priority = state.Priorities.Of(name),
                    Confidence = state.Priorities.Priorities.TryGetValue(name, out var priority) && priority.IsOverridden ? 1 : known.Latest(name)?.Confidence ?? 0,
                    IsProtected = Steering.IsProtected(state, name),
                    HasEnded = Members(state, name).All(static member => member.HasEnded),
                    IsPaused = Members(state, name).Where(static member => !member.HasEnded).All(static member => member.IsPausedByOthers),
                    Resources = ImmutableSortedDictionary<string, double>.Empty.Add(Share, held[name]),
                }),
            ],
            state.Definition.Reallocation,
            now);
        return plan.Changes.IsEmpty
            ? state
            : state with
            {
                Shares = plan.Resources.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value[Share], StringComparer.Ordinal),
                Moves = [.. state.Moves.Concat(plan.Changes).TakeLast(MovesMax)],
            };
    }

    private static ImmutableArray<string> Advice(ScenarioState before, ScenarioState after, ImmutableArray<Assessment> assessments)
    {
        var steers = after.Definition.Steering == ScenarioSteering.Steer;
        List<string> advice = [steers ? "Steered:" : "Advised, nothing was changed (steering: advise):"];
        foreach (var assessment in assessments.OrderByDescending(static one => one.Score).ThenBy(static one => one.Scenario, StringComparer.Ordinal).Take(20))
        {
            var (from, to) = (before.Priorities.Of(assessment.Scenario), after.Priorities.Of(assessment.Scenario));
            var share = after.Shares.TryGetValue(assessment.Scenario, out var now) ? string.Create(CultureInfo.InvariantCulture, $", share {now:P0}") : "";
            advice.Add(!(assessment.Confidence > 0)
                ? $"{assessment.Scenario}: no data yet (prior 0.5, confidence 0), nothing follows."
                : !IsNew(before, assessment) ? string.Create(CultureInfo.InvariantCulture, $"{assessment.Scenario}: nothing new since the last evaluation (score {assessment.Score:F2}), nothing follows, priority {to:F2}{share}.")
                : string.Create(CultureInfo.InvariantCulture, $"{assessment.Scenario}: {assessment.Recommendation.ToString().ToLowerInvariant()} (score {assessment.Score:F2}, confidence {assessment.Confidence:F2}), priority {from:F2}{(from == to ? "" : $" to {to:F2}")}{share}."));
        }

        return [.. advice];
    }

    private static IEnumerable<ScenarioMember> Members(ScenarioState state, string variant) => state.Definition.Variants[variant].Select(id => state.Members.GetValueOrDefault(id)).OfType<ScenarioMember>();

    private static ImmutableSortedDictionary<string, double> Means(List<ScenarioMember> members) => members
        .SelectMany(static member => member.Metrics)
        .Where(static metric => double.IsFinite(metric.Value))
        .GroupBy(static metric => metric.Key, static metric => metric.Value, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(static group => group.Key, static group => ScenarioEvaluation.Summarize(group.ToArray()).Mean, StringComparer.Ordinal);
}
