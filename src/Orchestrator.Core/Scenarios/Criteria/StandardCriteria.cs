using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>
/// The nine criteria by default. Each takes a metric of its own name first ("novelty": what the programs themselves say, within 0 to 1), and else derives its score from what was
/// measured; where neither is there it has no data.
/// </summary>
public static class StandardCriteria
{
    private const int SamplesMin = 4;

    public static ImmutableArray<ICriterionEvaluator> All { get; } =
    [
        new Standard(Criterion.Accuracy, Accuracy),
        new Standard(Criterion.Convergence, Convergence),
        new Standard(Criterion.Stability, Stability),
        new Standard(Criterion.Efficiency, Efficiency),
        new Standard(Criterion.Novelty, Novelty),
        new Standard(Criterion.Significance, Significance),
        new Standard(Criterion.Robustness, Robustness),
        new Standard(Criterion.Explainability, Explainability),
        new Standard(Criterion.Consistency, Consistency),
    ];

    private static CriterionScore Accuracy(ScenarioFacts facts, ScenarioField field)
    {
        var scores = MetricScores.All(facts, field);
        return scores.IsEmpty
            ? CriterionScore.NoData(Criterion.Accuracy, facts.Targets.IsEmpty ? "no metric has a direction" : $"no usable value of {string.Join(", ", facts.Targets.Select(static target => target.Metric))}")
            : CriterionScore.Of(
                Criterion.Accuracy,
                MetricScores.WeightedMean(scores),
                scores.Sum(static score => score.Weight * score.Confidence) / scores.Sum(static score => score.Weight),
                string.Join("; ", scores.Select(static score => score.Reason)));
    }

    /// <summary>1 when the mean of the last quarter is that of the quarter before, 0 when it moved by the whole range.</summary>
    private static CriterionScore Convergence(ScenarioFacts facts, ScenarioField field) => OverSeries(facts, Criterion.Convergence, static values =>
    {
        var quarter = values.Length / 4;
        var moved = Math.Abs(values[^quarter..].Average() - values[^(2 * quarter)..^quarter].Average());
        return 1 - (moved / (values.Max() - values.Min()));
    }, "moved {0:P0} of its range in the last quarter");

    /// <summary>1 when the second half is a straight line, less by how far it scatters about that, in parts of the range of the whole; failed attempts take their part.</summary>
    private static CriterionScore Stability(ScenarioFacts facts, ScenarioField field)
    {
        var series = OverSeries(facts, Criterion.Stability, static values =>
        {
            var half = values[(values.Length / 2)..];
            var middle = (half.Length - 1) / 2.0;
            var mean = half.Average();
            var slope = half.Select((value, i) => (i - middle) * (value - mean)).Sum() / half.Select((_, i) => (i - middle) * (i - middle)).Sum();
            var scatter = Math.Sqrt(half.Select((value, i) => Math.Pow(value - mean - (slope * (i - middle)), 2)).Average());
            return 1 - (2 * scatter / (values.Max() - values.Min()));
        }, "scatters by {0:P0} of its range");
        if (facts.Attempts <= 0)
        {
            return series;
        }

        var success = 1 - ((double)Math.Clamp(facts.FailedAttempts, 0, facts.Attempts) / facts.Attempts);
        var text = string.Create(CultureInfo.InvariantCulture, $"{facts.FailedAttempts} of {facts.Attempts} attempts failed");
        return series.Score is { } smooth
            ? CriterionScore.Of(Criterion.Stability, smooth * success, series.Confidence, $"{series.Reason}; {text}")
            : CriterionScore.Of(Criterion.Stability, success, facts.Attempts / (facts.Attempts + 2.0), text);
    }

    /// <summary>Progress times score per core-hour, against the best of all.</summary>
    private static CriterionScore Efficiency(ScenarioFacts facts, ScenarioField field)
    {
        var gains = field.Gains;
        if (!gains.TryGetValue(facts.Id, out var own))
        {
            return CriterionScore.NoData(Criterion.Efficiency, "its compute was not measured yet");
        }

        var most = gains.Values.Max();
        return gains.Count < 2 || !(most > 0)
            ? CriterionScore.NoData(Criterion.Efficiency, "there is no other scenario whose compute was measured")
            : CriterionScore.Of(Criterion.Efficiency, own / most, gains.Count / (gains.Count + 1.0), string.Create(CultureInfo.InvariantCulture, $"{own / most:P0} of the gain per core-hour of the most efficient of {gains.Count}"));
    }

    /// <summary>The distance to the nearest other scenario in parameters, each in parts of its range over all; without parameters by tags.</summary>
    private static CriterionScore Novelty(ScenarioFacts facts, ScenarioField field)
    {
        var others = field.All.Where(other => other.Id != facts.Id && !AreOfOneEnsemble(other, facts)).ToList();
        if (others.Count == 0)
        {
            return CriterionScore.NoData(Criterion.Novelty, "there is nothing else to differ from");
        }

        var (names, places) = field.Parameters;
        if (names.Length > 0 && places.TryGetValue(facts.Id, out var place))
        {
            var nearest = others.Min(other => Distance(place, places[other.Id]));
            return CriterionScore.Of(Criterion.Novelty, nearest, others.Count / (others.Count + 1.0), string.Create(CultureInfo.InvariantCulture, $"the nearest other is {nearest:P0} of the range of {string.Join(", ", names)} away"));
        }

        if (facts.Tags.IsEmpty || others.All(static other => other.Tags.IsEmpty))
        {
            return CriterionScore.NoData(Criterion.Novelty, "neither parameters nor tags say how it differs from the others");
        }

        var likest = others.Max(other => Similarities.Jaccard(facts.Tags, other.Tags));
        return CriterionScore.Of(Criterion.Novelty, 1 - likest, 0.5, string.Create(CultureInfo.InvariantCulture, $"the likest other shares {likest:P0} of the tags"));
    }

    private static CriterionScore Significance(ScenarioFacts facts, ScenarioField field)
    {
        var objectives = facts.Objectives.Where(static objective => objective.Importance > 0 && double.IsFinite(objective.Importance)).ToList();
        if (objectives.Count == 0)
        {
            return CriterionScore.NoData(Criterion.Significance, "no research objective was said");
        }

        var relevant = objectives.Where(objective => objective.IsRelevantTo(facts.Tags.Concat(facts.Metrics.Keys))).ToList();
        var part = relevant.Sum(static objective => objective.Importance) / objectives.Sum(static objective => objective.Importance);
        return CriterionScore.Of(Criterion.Significance, part, 0.7, relevant.Count == 0 ? "it has to do with no objective" : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", relevant.Select(static objective => objective.Name))}: {part:P0} of the importance of all objectives"));
    }

    /// <summary>1 when all members agree, 0 when they scatter as far as the scenarios do.</summary>
    private static CriterionScore Robustness(ScenarioFacts facts, ScenarioField field)
    {
        List<(double Score, double Weight, int Count)> parts = [];
        foreach (var target in facts.Targets.Where(static target => target.Weight > 0))
        {
            var values = Finite(facts, target.Metric);
            if (values.Count < 2)
            {
                continue;
            }

            var summary = ScenarioEvaluation.Summarize(values);
            var scale = field.ScaleOf(target.Metric);
            parts.Add((scale > 0 ? 1 - Math.Min(1, summary.StandardDeviation / scale) : 1, target.Weight, values.Count));
        }

        return parts.Count == 0
            ? CriterionScore.NoData(Criterion.Robustness, "fewer than two members reported a metric that is judged")
            : CriterionScore.Of(
                Criterion.Robustness,
                parts.Sum(static part => part.Score * part.Weight) / parts.Sum(static part => part.Weight),
                1 - (1.0 / parts.Max(static part => part.Count)),
                string.Create(CultureInfo.InvariantCulture, $"{parts.Max(static part => part.Count)} members agree to {parts.Average(static part => part.Score):P0}"));

        static List<double> Finite(ScenarioFacts one, string metric) =>
            [.. one.Members.Where(member => member.TryGetValue(metric, out var value) && double.IsFinite(value)).Select(member => member[metric])];
    }

    private static CriterionScore Explainability(ScenarioFacts facts, ScenarioField field)
    {
        if (facts.Targets.IsEmpty || facts.Metrics.IsEmpty)
        {
            return CriterionScore.NoData(Criterion.Explainability, facts.Targets.IsEmpty ? "no metric was asked for" : "it reported nothing yet");
        }

        var shown = facts.Targets.Count(target => facts.Metrics.TryGetValue(target.Metric, out var value) && double.IsFinite(value));
        return CriterionScore.Of(Criterion.Explainability, (double)shown / facts.Targets.Length, 1, string.Create(CultureInfo.InvariantCulture, $"it shows {shown} of {facts.Targets.Length} metrics that were asked for"));
    }

    /// <summary>1 when all metrics score the same, 0 when one half is perfect and the other nothing.</summary>
    private static CriterionScore Consistency(ScenarioFacts facts, ScenarioField field)
    {
        var scores = MetricScores.All(facts, field);
        if (scores.Length < 2)
        {
            return CriterionScore.NoData(Criterion.Consistency, "fewer than two metrics are judged");
        }

        var mean = scores.Average(static score => score.Score);
        var deviation = Math.Sqrt(scores.Average(score => (score.Score - mean) * (score.Score - mean)));
        return CriterionScore.Of(Criterion.Consistency, 1 - (2 * deviation), 1 - (1.0 / scores.Length), string.Create(CultureInfo.InvariantCulture, $"{scores.Length} metrics differ by {deviation:F2} in their scores"));
    }

    private static CriterionScore OverSeries(ScenarioFacts facts, Criterion criterion, Func<double[], double> judge, string text)
    {
        List<(double Score, double Weight, int Count)> parts = [];
        foreach (var target in facts.Targets.Where(static target => target.Weight > 0))
        {
            var values = facts.History.Where(sample => sample.Values.TryGetValue(target.Metric, out var value) && double.IsFinite(value)).Select(sample => sample.Values[target.Metric]).ToArray();
            var scale = values.Length == 0 ? 0 : values.Max(Math.Abs);
            if (values.Length >= SamplesMin)
            {
                // Scaled, so that squares of extreme values stay finite.
                var scaled = scale > 0 ? Array.ConvertAll(values, value => value / scale) : values;
                parts.Add((scaled.Max() > scaled.Min() ? Math.Clamp(judge(scaled), 0, 1) : 1, target.Weight, values.Length));
            }
        }

        if (parts.Count == 0)
        {
            return CriterionScore.NoData(criterion, string.Create(CultureInfo.InvariantCulture, $"fewer than {SamplesMin} samples of a metric that is judged"));
        }

        var score = parts.Sum(static part => part.Score * part.Weight) / parts.Sum(static part => part.Weight);
        var count = parts.Max(static part => part.Count);
        return CriterionScore.Of(criterion, score, count / (count + 4.0), string.Format(CultureInfo.InvariantCulture, text, 1 - score));
    }

    private static double Distance(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += Math.Abs(one[i] - other[i]);
        }

        return sum / one.Length;
    }

    private static bool AreOfOneEnsemble(ScenarioFacts one, ScenarioFacts other) => one.Ensemble.Length > 0 && one.Ensemble == other.Ensemble;

    private sealed class Standard(Criterion criterion, Func<ScenarioFacts, ScenarioField, CriterionScore> judge) : ICriterionEvaluator
    {
        private readonly string metric = criterion.ToString().ToLowerInvariant();

        public Criterion Criterion => criterion;

        public CriterionScore Evaluate(ScenarioFacts facts, ScenarioField field)
        {
            ArgumentNullException.ThrowIfNull(facts);
            ArgumentNullException.ThrowIfNull(field);
            var target = facts.Targets.FirstOrDefault(one => string.Equals(one.Metric, metric, StringComparison.OrdinalIgnoreCase));
            if (!facts.Metrics.TryGetValue(target?.Metric ?? metric, out var said) || said is not (>= 0 and <= 1))
            {
                // What has shown nothing is not judged by how it was set up alone.
                return facts.Metrics.Values.Any(double.IsFinite) ? judge(facts, field) : CriterionScore.NoData(criterion, "it has reported no metric yet");
            }

            var isLower = target?.Direction == MetricDirection.Lower;
            return CriterionScore.Of(criterion, isLower ? 1 - said : said, target?.Confidence ?? 1, string.Create(CultureInfo.InvariantCulture, $"its programs report {metric} {said:G4}"));
        }
    }
}
