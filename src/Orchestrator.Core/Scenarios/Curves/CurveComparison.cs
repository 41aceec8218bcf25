using System.Collections.Immutable;

namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>
/// What a policy is worth against equal shares: by how much more compute equal shares take to the loss that the policy has at a budget, over many shuffles.
/// </summary>
public sealed record CurveComparison
{
    public string Policy { get; init; } = "";

    public long Budget { get; init; }

    public int Shuffles { get; init; }

    /// <summary>(Epochs that equal shares need to the policy's loss) / budget, least first.</summary>
    public ImmutableArray<double> Ratios { get; init; } = [];

    /// <summary>
    /// The most that any policy could reach in the median, with the least loss of the whole table from the first epoch on: equal shares find that after so many epochs, and need no more
    /// for anything.
    /// </summary>
    public double MedianBound { get; init; }

    public double Median => Ratios[Ratios.Length / 2];

    /// <summary>A tenth of the shuffles is below.</summary>
    public double Tenth => Ratios[Ratios.Length / 10];

    /// <summary>For each budget, over seeds 1 to the number of shuffles.</summary>
    public static ImmutableArray<CurveComparison> Run(LearningCurves curves, string policy, IReadOnlyList<long> budgets, int shuffles, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(curves);
        ArgumentNullException.ThrowIfNull(budgets);
        ArgumentOutOfRangeException.ThrowIfLessThan(shuffles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(budgets.Count, 1, nameof(budgets));
        var least = curves.Configurations.SelectMany(static curve => curve.Losses.Skip(1)).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();
        if (double.IsNaN(least))
        {
            throw new ArgumentException($"{curves.Name} has no finite loss to compare by.", nameof(curves));
        }

        var ratios = budgets.Select(_ => new double[shuffles]).ToArray();
        var bounds = new double[shuffles];
        for (var seed = 1; seed <= shuffles; seed++)
        {
            var found = CurveReplay.Run(curves, policy, seed, budgets.Max(), target: null, cancellationToken);
            var order = CurveReplay.Shuffle(curves, seed);
            bounds[seed - 1] = EqualShareNeeds(order, least);
            for (var i = 0; i < budgets.Count; i++)
            {
                // The improvements of a run with a smaller budget are the first of a run with a larger one: no policy knows its budget.
                var best = found.Improvements.LastOrDefault(improvement => improvement.Epochs <= budgets[i], (0, double.PositiveInfinity)).Item2;
                ratios[i][seed - 1] = EqualShareNeeds(order, best) / (double)budgets[i];
            }
        }

        Array.Sort(bounds);
        return
        [
            .. budgets.Select((budget, i) => new CurveComparison
            {
                Policy = policy,
                Budget = budget,
                Shuffles = shuffles,
                Ratios = [.. ratios[i].Order()],
                MedianBound = bounds[shuffles / 2] / budget,
            }),
        ];
    }

    /// <summary>The epochs after which round-robin training in this order has a loss; what it would take to train everything where it never has.</summary>
    private static long EqualShareNeeds(LearningCurve[] order, double loss)
    {
        long spent = 0;
        for (var epoch = 1; epoch <= order.Max(static curve => curve.Epochs); epoch++)
        {
            foreach (var curve in order)
            {
                if (epoch <= curve.Epochs)
                {
                    spent++;
                    if (curve.Losses[epoch] <= loss)
                    {
                        return spent;
                    }
                }
            }
        }

        return spent;
    }
}
