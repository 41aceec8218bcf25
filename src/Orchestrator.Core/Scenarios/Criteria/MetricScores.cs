using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Scenarios.Criteria;

/// <summary>
/// Turns a metric into 0 to 1. With a target: how much of it is reached (the smaller of value / target and target / value, for amounts of one sign; else by how far
/// the scenarios that are compared are off, of which there must be another). Without one: its place in that range. Without others to compare with: the value itself where it lies in 0 to 1, which is how accuracies
/// and losses in percent are reported; else nothing can be said.
/// </summary>
public static class MetricScores
{
    /// <summary>The score, and from what; the score is null when nothing can be said, and the text says why.</summary>
    public static (double? Score, string Reason) Of(MetricTarget target, double value, IReadOnlyCollection<double> amongAll)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(amongAll);
        return Of(target, value, MetricRange.Of(amongAll));
    }

    /// <summary>The same among values of this range.</summary>
    internal static (double? Score, string Reason) Of(MetricTarget target, double value, MetricRange amongAll)
    {
        if (target.Direction is not (MetricDirection.Higher or MetricDirection.Lower))
        {
            return (null, $"{target.Metric}: whether higher or lower is better was not said, so it judges nothing");
        }

        if (!double.IsFinite(value))
        {
            return (null, $"{target.Metric} is no finite number, so it counts as not reported");
        }

        var isHigher = target.Direction == MetricDirection.Higher;
        if (target.Target is { } wanted && double.IsFinite(wanted))
        {
            if (isHigher ? value >= wanted : value <= wanted)
            {
                return (1, Say($"{target.Metric} {value:G4} meets its target {wanted:G4}"));
            }

            if ((value > 0 && wanted > 0) || (value < 0 && wanted < 0))
            {
                // It is not reached, so that of positive ones the higher, of negative ones the lower would be better by as much.
                return (isHigher == value > 0 ? value / wanted : wanted / value, Say($"{target.Metric} {value:G4} of the target {wanted:G4}"));
            }

            var all = amongAll.With(value);
            if (!(all.Most > all.Least))
            {
                return (null, Say($"{target.Metric} {value:G4} is no part of the target {wanted:G4}, and there is no other value to compare with"));
            }

            // Halves, so that the distances of extreme values stay finite.
            var far = Math.Max(Math.Abs((all.Least / 2) - (wanted / 2)), Math.Abs((all.Most / 2) - (wanted / 2)));
            return (1 - (Math.Abs((value / 2) - (wanted / 2)) / far), Say($"{target.Metric} {value:G4} against the target {wanted:G4}, the farthest being {2 * far:G4} off"));
        }

        // The parts of 0 to 1 come first: a lone accuracy of 0.9 and one beside others are then the same 0.9.
        var (least, most) = amongAll.With(value);
        if (least >= 0 && most <= 1)
        {
            return (isHigher ? value : 1 - value, Say($"{target.Metric} is {value:G4} of 0 to 1, {(isHigher ? "higher" : "lower")} is better"));
        }

        if (!(most > least))
        {
            return (null, Say($"{target.Metric} {value:G4} has neither a target nor another value to compare with"));
        }

        // Halves, so that the range of extreme values stays finite.
        var place = ((value / 2) - (least / 2)) / ((most / 2) - (least / 2));
        return (isHigher ? place : 1 - place, Say($"{target.Metric} {value:G4} between {least:G4} and {most:G4} of all, {(isHigher ? "higher" : "lower")} is better"));
    }

    /// <summary>
    /// The scores of all targets that the scenario has a value for, with their weights times their confidences.
    /// </summary>
    internal static ImmutableArray<(double Score, double Weight, double Confidence, string Reason)> All(ScenarioFacts facts, ScenarioField field) =>
    [
        .. from target in facts.Targets
           where target.Weight > 0 && facts.Metrics.ContainsKey(target.Metric)
           let score = Of(target, facts.Metrics[target.Metric], field.RangeOf(target.Metric))
           where score.Score is not null
           select (Math.Clamp(score.Score ?? 0, 0, 1), target.Weight, Math.Clamp(target.Confidence, 0, 1), score.Reason),
    ];

    internal static double WeightedMean(ImmutableArray<(double Score, double Weight, double Confidence, string Reason)> scores)
    {
        var weight = scores.Sum(static score => score.Weight * score.Confidence);
        return weight > 0 ? scores.Sum(static score => score.Score * score.Weight * score.Confidence) / weight : scores.Average(static score => score.Score);
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
