using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>
/// The question to an evaluator outside of this process, and what its answer says: scores that take the place of those of the named criteria.
/// <code>{"scores": [{"scenario": "4xCO2", "criterion": "novelty", "score": 0.7, "confidence": 0.9, "reason": "unlike any run of the archive"}]}</code>
/// </summary>
public static class OutsideEvaluation
{
    private const int ReasonMax = 500;

    /// <summary>All that is known of the scenarios, as JSON: version, and for each id, metrics, parameters, progress, coreHours, attempts, failedAttempts, members, history and targets.</summary>
    public static string Question(IReadOnlyList<ScenarioFacts> all)
    {
        ArgumentNullException.ThrowIfNull(all);
        var scenarios = new JsonArray();
        foreach (var facts in all)
        {
            scenarios.Add(new JsonObject
            {
                ["id"] = facts.Id,
                ["metrics"] = Numbers(facts.Metrics),
                ["parameters"] = Numbers(facts.Parameters),
                ["progress"] = facts.Progress,
                ["coreHours"] = facts.CoreHours,
                ["attempts"] = facts.Attempts,
                ["failedAttempts"] = facts.FailedAttempts,
                ["members"] = new JsonArray([.. facts.Members.Select(static member => (JsonNode)Numbers(member))]),
                ["history"] = new JsonArray([.. facts.History.Select(static sample => (JsonNode)new JsonObject { ["progress"] = sample.Progress, ["values"] = Numbers(sample.Values) })]),
                ["targets"] = new JsonArray([.. facts.Targets.Select(static target => (JsonNode)new JsonObject
                {
                    ["metric"] = target.Metric,
                    ["direction"] = target.Direction.ToString().ToLowerInvariant(),
                    ["target"] = target.Target,
                    ["weight"] = target.Weight,
                })]),
            });
        }

        return new JsonObject { ["version"] = 1, ["scenarios"] = scenarios }.ToJsonString();
    }

    /// <summary>The scores by scenario, and what of the answer is not used, and why. An answer that is none at all gives no scores.</summary>
    public static (ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> Scores, ImmutableArray<string> Ignored) Read(string answer, IReadOnlySet<string> scenarios)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(scenarios);
        var scores = new SortedDictionary<string, Dictionary<Criterion, CriterionScore>>(StringComparer.Ordinal);
        var ignored = ImmutableArray.CreateBuilder<string>();
        try
        {
            using var document = JsonDocument.Parse(answer);
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("scores", out var list) || list.ValueKind != JsonValueKind.Array)
            {
                return (ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>>.Empty, ["the answer has no list \"scores\""]);
            }

            var place = 0;
            foreach (var item in list.EnumerateArray())
            {
                var at = string.Create(CultureInfo.InvariantCulture, $"scores[{place++}]");
                if (Problem(item, scenarios) is { } problem)
                {
                    ignored.Add($"{at}.{problem}");
                    continue;
                }

                var scenario = item.GetProperty("scenario").GetString()!;
                var criterion = Enum.Parse<Criterion>(item.GetProperty("criterion").GetString()!, ignoreCase: true);
                var reason = item.TryGetProperty("reason", out var said) && said.ValueKind == JsonValueKind.String ? said.GetString()! : "";
                if (!scores.TryGetValue(scenario, out var own))
                {
                    scores[scenario] = own = [];
                }

                own[criterion] = CriterionScore.Of(
                    criterion,
                    item.GetProperty("score").GetDouble(),
                    item.TryGetProperty("confidence", out var confidence) ? confidence.GetDouble() : 1,
                    reason.Length == 0 ? "the site's evaluator says so" : reason[..Math.Min(reason.Length, ReasonMax)]);
            }
        }
        catch (JsonException error)
        {
            return (ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>>.Empty, [$"the answer is no JSON: {error.Message}"]);
        }

        return (
            scores.ToImmutableSortedDictionary(static pair => pair.Key, static pair => pair.Value.Values.OrderBy(static score => score.Criterion).ToImmutableArray(), StringComparer.Ordinal),
            ignored.ToImmutable());
    }

    /// <summary>Evaluators that say what was said outside: of each criterion that any score names.</summary>
    public static IEnumerable<ICriterionEvaluator> Evaluators(ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return scores.Values.SelectMany(static all => all).Select(static score => score.Criterion).Distinct().Order().Select(criterion => new Outside(criterion, scores));
    }

    private static string? Problem(JsonElement item, IReadOnlySet<string> scenarios) =>
        item.ValueKind != JsonValueKind.Object ? "scenario: it is no object; scenario, criterion and score are needed"
        : !item.TryGetProperty("scenario", out var scenario) || scenario.ValueKind != JsonValueKind.String || !scenarios.Contains(scenario.GetString()!) ? "scenario: it is none of the question"
        : !item.TryGetProperty("criterion", out var criterion) || criterion.ValueKind != JsonValueKind.String || !Enum.GetNames<Criterion>().Skip(1).Contains(criterion.GetString()!, StringComparer.OrdinalIgnoreCase)
            ? $"criterion: {string.Join(", ", Enum.GetNames<Criterion>().Skip(1)).ToLowerInvariant()} are allowed"
        : !item.TryGetProperty("score", out var score) || score.ValueKind != JsonValueKind.Number || score.GetDouble() is not (>= 0 and <= 1) ? "score: 0 to 1 is allowed"
        : item.TryGetProperty("confidence", out var confidence) && (confidence.ValueKind != JsonValueKind.Number || confidence.GetDouble() is not (>= 0 and <= 1)) ? "confidence: 0 to 1 is allowed"
        : null;

    private static JsonObject Numbers(IEnumerable<KeyValuePair<string, double>> values)
    {
        var json = new JsonObject();
        foreach (var (name, value) in values.Where(static pair => double.IsFinite(pair.Value)))
        {
            json[name] = value;
        }

        return json;
    }

    private sealed class Outside(Criterion criterion, ImmutableSortedDictionary<string, ImmutableArray<CriterionScore>> scores) : ICriterionEvaluator
    {
        public Criterion Criterion => criterion;

        public CriterionScore Evaluate(ScenarioFacts facts, ScenarioField field) =>
            scores.GetValueOrDefault(facts.Id, []).FirstOrDefault(score => score.Criterion == criterion) ?? CriterionScore.NoData(criterion, "the site's evaluator says nothing of it");
    }
}
