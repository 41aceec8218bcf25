using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>The newest assessments of each scenario, oldest first.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.assessment-history")]
public sealed record AssessmentHistory
{
    /// <summary>Of each scenario.</summary>
    public const int Max = 20;

    [Id(0)] public ImmutableSortedDictionary<string, ImmutableArray<Assessment>> Assessments { get; init; } = ImmutableSortedDictionary<string, ImmutableArray<Assessment>>.Empty;

    public AssessmentHistory Add(IEnumerable<Assessment> assessments, int max = Max)
    {
        var all = Assessments.ToBuilder();
        foreach (var assessment in assessments)
        {
            var before = all.GetValueOrDefault(assessment.Scenario, []);
            all[assessment.Scenario] = [.. before.TakeLast(max - 1), assessment];
        }

        return this with { Assessments = all.ToImmutable() };
    }

    /// <summary>Oldest first; empty for one that was never judged.</summary>
    public ImmutableArray<Assessment> Of(string scenario) => Assessments.GetValueOrDefault(scenario, []);

    public Assessment? Latest(string scenario) => Of(scenario) is { Length: > 0 } all ? all[^1] : null;

    /// <summary>
    /// What changed between two assessments of a scenario, by their places: "overall" and each criterion that both have, the second less the first. The refusal says what is wrong.
    /// </summary>
    public (ImmutableSortedDictionary<string, double> Differences, string? Refusal) Compare(string scenario, int first, int second)
    {
        var all = Of(scenario);
        foreach (var (field, place) in new[] { ("first", first), ("second", second) })
        {
            if (place < 0 || place >= all.Length)
            {
                return (ImmutableSortedDictionary<string, double>.Empty, all.IsEmpty
                    ? $"scenario: \"{scenario}\" was never judged."
                    : $"{field}: there is no assessment {place} of \"{scenario}\"; 0 to {all.Length - 1} are allowed.");
            }
        }

        return (
            all[first].Criteria
                .Where(one => one.Score is not null && all[second].Of(one.Criterion)?.Score is not null)
                .ToImmutableSortedDictionary(static one => one.Criterion.ToString().ToLowerInvariant(), one => all[second].Of(one.Criterion)!.Score!.Value - one.Score!.Value)
                .Add("overall", all[second].Score - all[first].Score),
            null);
    }
}
