using System.Collections.Immutable;
using System.Globalization;

namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>Replays a policy on tabulated learning curves. The same curves, policy, seed and budget give the same result.</summary>
public static class CurveReplay
{
    /// <summary>One configuration after the other, each to its end.</summary>
    public const string Fifo = "fifo";

    /// <summary>Round-robin, an epoch each.</summary>
    public const string EqualShare = "equal-share";

    /// <summary>Asynchronous successive halving with the rungs that are usual in comparisons: 2, 6 and 18 epochs.</summary>
    public const string SuccessiveHalving = "successive-halving";

    /// <summary>Brackets of it that begin at different rungs.</summary>
    public const string Hyperband = "hyperband";

    /// <summary>What scenarios are steered by: asynchronous successive halving that looks from the first epoch on.</summary>
    public const string Default = "default";

    /// <summary>Epochs, each eta = 3 times the one before.</summary>
    private static readonly int[] Rungs = [1, 3, 9, 27];

    public static ImmutableArray<string> Policies { get; } = [Fifo, EqualShare, SuccessiveHalving, Hyperband, Default];

    /// <summary>Trains until the budget is spent, the target is reached or nothing is left. The seed shuffles the configurations, and is all that is drawn by chance.</summary>
    /// <exception cref="ArgumentException">The policy is unknown, the budget below 1 or the target not finite.</exception>
    public static CurveReplayResult Run(LearningCurves curves, string policy, int seed, long budget, double? target = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(curves);
        ArgumentOutOfRangeException.ThrowIfLessThan(budget, 1);
        if (target is { } wanted && !double.IsFinite(wanted))
        {
            throw new ArgumentOutOfRangeException(nameof(target), "The target must be a finite number.");
        }

        var order = Shuffle(curves, seed);
        return Run(order, Create(policy, order), policy, seed, budget, target, cancellationToken);
    }

    internal static LearningCurve[] Shuffle(LearningCurves curves, int seed)
    {
        var order = curves.Configurations.ToArray();
        new Random(seed).Shuffle(order);
        return order;
    }

    internal static CurveReplayResult Run(LearningCurve[] order, ICurvePolicy trainer, string policy, int seed, long budget, double? target, CancellationToken cancellationToken)
    {
        var trained = new int[order.Length];
        var improvements = ImmutableArray.CreateBuilder<(long, double)>();
        var best = double.PositiveInfinity;
        long spent = 0;
        string? early = null;
        while (spent < budget)
        {
            var next = trainer.Next();
            if (next < 0)
            {
                early = string.Create(CultureInfo.InvariantCulture, $"all {order.Length} configurations are trained to the end after {spent} epochs; the budget was {budget}");
                break;
            }

            if ((spent & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            spent++;
            var loss = order[next].Losses[++trained[next]];
            trainer.Observe(next, trained[next], loss);
            if (loss < best)
            {
                best = loss;
                improvements.Add((spent, best));
                if (best <= target)
                {
                    early = spent < budget ? string.Create(CultureInfo.InvariantCulture, $"the target {target} was reached after {spent} epochs; the budget was {budget}") : null;
                    break;
                }
            }
        }

        return new()
        {
            Policy = policy,
            Seed = seed,
            Budget = budget,
            Best = double.IsFinite(best) ? best : null,
            ReachedAt = improvements.Count == 0 || (target is { } aim && best > aim) ? null : improvements[^1].Item1,
            Improvements = improvements.ToImmutable(),
            Spent = spent,
            EndedEarly = early,
        };
    }

    private static ICurvePolicy Create(string policy, LearningCurve[] order)
    {
        int[] epochs = [.. order.Select(static curve => curve.Epochs)];
        return policy switch
        {
            Fifo => new FifoCurvePolicy(epochs),
            EqualShare => new EqualShareCurvePolicy(epochs),
            SuccessiveHalving => new RungCurvePolicy(epochs, [2, 6, 18]),
            Hyperband => new HyperbandCurvePolicy(epochs, Rungs),
            Default => new RungCurvePolicy(epochs, Rungs),
            _ => throw new ArgumentException($"The policy \"{policy}\" is unknown; {string.Join(", ", Policies)} are allowed.", nameof(policy)),
        };
    }
}
