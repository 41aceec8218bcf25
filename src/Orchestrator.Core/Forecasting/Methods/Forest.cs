using Orchestrator.Core.Forecasting.Analysis;

namespace Orchestrator.Core.Forecasting.Methods;

/// <summary>
/// A random forest (Breiman, 2001) over the place in each season, what came one step and one season before, and the level of late: 24 regression trees, each of a bootstrap sample, with a third of the
/// features tried at a split. The random numbers are always the same. It knows no trend, since trees never say more than they saw.
/// </summary>
internal sealed class Forest : IForecastMethod
{
    private const int Trees = 24;
    private const int DepthMax = 8;
    private const int LeafMin = 5;
    private const int FitMax = 800;
    private const int LevelOf = 14;

    public string Name => "random-forest";

    public int HistoryMin(SeriesShape shape) => Math.Max(24, 2 * shape.Season);

    public IFittedMethod Fit(ReadOnlySpan<double> history, SeriesShape shape)
    {
        var skip = Math.Max(Math.Max(1, shape.Season), history.Length - FitMax);
        var rows = new double[history.Length - skip][];
        var targets = new double[rows.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            (rows[row], targets[row]) = (Features(history[..(skip + row)], shape), history[skip + row]);
        }

        var random = new Failures.SeededRandom(1, "forest");
        var trees = new Node[Trees];
        for (var tree = 0; tree < Trees; tree++)
        {
            var sample = new int[rows.Length];
            for (var at = 0; at < sample.Length; at++)
            {
                sample[at] = random.Below(rows.Length);
            }

            trees[tree] = Grow(rows, targets, sample, 0, random);
        }

        return new Fitted(trees, shape);
    }

    private static double[] Features(ReadOnlySpan<double> before, SeriesShape shape)
    {
        var features = new double[shape.Seasons.Length + 3];
        for (var each = 0; each < shape.Seasons.Length; each++)
        {
            features[each] = before.Length % shape.Seasons[each];
        }

        features[^3] = before[^1];
        features[^2] = before[^Math.Min(before.Length, Math.Max(1, shape.Season))];
        features[^1] = Statistics.Mean(before[^Math.Min(before.Length, LevelOf)..]);
        return features;
    }

    private static Node Grow(double[][] rows, double[] targets, int[] sample, int depth, Failures.SeededRandom random)
    {
        var mean = sample.Average(row => targets[row]);
        if (depth == DepthMax || sample.Length < 2 * LeafMin)
        {
            return new Node(mean);
        }

        var (feature, bound, least) = (-1, 0.0, Spread(targets, sample));
        var count = rows[0].Length;
        for (var tried = 0; tried < Math.Max(2, count / 3); tried++)
        {
            var each = random.Below(count);
            for (var cut = 0; cut < 6; cut++)
            {
                var candidate = rows[sample[random.Below(sample.Length)]][each];
                var below = Array.FindAll(sample, row => rows[row][each] <= candidate);
                if (below.Length < LeafMin || sample.Length - below.Length < LeafMin)
                {
                    continue;
                }

                var above = Array.FindAll(sample, row => rows[row][each] > candidate);
                var spread = Spread(targets, below) + Spread(targets, above);
                if (spread < least)
                {
                    (feature, bound, least) = (each, candidate, spread);
                }
            }
        }

        return feature < 0
            ? new Node(mean)
            : new Node(mean, feature, bound, Grow(rows, targets, Array.FindAll(sample, row => rows[row][feature] <= bound), depth + 1, random), Grow(rows, targets, Array.FindAll(sample, row => rows[row][feature] > bound), depth + 1, random));
    }

    private static double Spread(double[] targets, int[] sample)
    {
        double sum = 0, squares = 0;
        foreach (var row in sample)
        {
            sum += targets[row];
            squares += targets[row] * targets[row];
        }

        return squares - (sum * sum / sample.Length);
    }

    private sealed record Node(double Mean, int Feature = -1, double Bound = 0, Node? Below = null, Node? Above = null);

    private sealed class Fitted(Node[] trees, SeriesShape shape) : IFittedMethod
    {
        public void Forecast(ReadOnlySpan<double> history, Span<double> forecast)
        {
            var all = new double[history.Length + forecast.Length];
            history.CopyTo(all);
            for (var ahead = 0; ahead < forecast.Length; ahead++)
            {
                var features = Features(all.AsSpan(0, history.Length + ahead), shape);
                var sum = 0.0;
                foreach (var tree in trees)
                {
                    var node = tree;
                    while (node.Below is not null)
                    {
                        node = features[node.Feature] <= node.Bound ? node.Below : node.Above!;
                    }

                    sum += node.Mean;
                }

                all[history.Length + ahead] = forecast[ahead] = sum / trees.Length;
            }
        }
    }
}
