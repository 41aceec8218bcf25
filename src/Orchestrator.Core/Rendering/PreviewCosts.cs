using System.Collections.Immutable;

namespace Orchestrator.Core.Rendering;

/// <summary>
/// What one preview costs its program, by its level. Before one was measured it is a part of the interval between two: whoever wants them often has ones that are made fast.
/// Once there are measurements, they hold, and what lies between and beside them follows the same curve; a higher level never costs less than a lower one.
/// </summary>
public static class PreviewCosts
{
    /// <summary>Weight of the newest measurement of a level.</summary>
    public const double NewestWeight = 0.5;

    /// <summary>Percent and factor; straight lines between them.</summary>
    private static readonly (int Level, double Factor)[] Curve = [(0, 0.01), (10, 0.02), (25, 0.03), (50, 0.05), (75, 0.08), (100, 0.12)];

    /// <summary>The part of the interval between previews that one of this level is believed to take: .02, .03, .05 and .08 for 10, 25, 50 and 75 %.</summary>
    /// <param name="level">0 to 100 percent; what is outside counts as the nearer end.</param>
    public static double Factor(int level)
    {
        level = Math.Clamp(level, 0, 100);
        var upper = Array.FindIndex(Curve, knot => knot.Level >= level);
        if (Curve[upper].Level == level)
        {
            return Curve[upper].Factor;
        }

        var (low, high) = (Curve[upper - 1], Curve[upper]);
        return low.Factor + ((high.Factor - low.Factor) * (level - low.Level) / (high.Level - low.Level));
    }

    /// <summary>The time that one preview takes, by what was measured, or else believed.</summary>
    /// <param name="policy">Says how often they are wanted.</param>
    /// <param name="whole">How long the stage runs in all: a short one is believed to have cheap ones.</param>
    /// <param name="measured">Smoothed time by level; empty: none was made.</param>
    /// <param name="level">In percent.</param>
    public static TimeSpan Of(PreviewPolicy policy, TimeSpan whole, ImmutableSortedDictionary<int, TimeSpan> measured, int level)
    {
        (int Level, TimeSpan Cost)? below = null;
        foreach (var (known, cost) in measured)
        {
            // A low level that took longer than a higher one was disturbed, or the higher one was lucky: the dearer word counts.
            var rising = below is { } before && before.Cost > cost ? before.Cost : cost;
            if (known == level)
            {
                return rising;
            }

            if (known > level)
            {
                return below is { } lower
                    ? lower.Cost + ((rising - lower.Cost) * ((Factor(level) - Factor(lower.Level)) / (Factor(known) - Factor(lower.Level))))
                    : rising * (Factor(level) / Factor(known));
            }

            below = (known, rising);
        }

        return below is { } highest ? highest.Cost * (Factor(level) / Factor(highest.Level)) : Factor(level) * (policy.Every < whole ? policy.Every : whole);
    }

    /// <summary>With one more measurement.</summary>
    public static ImmutableSortedDictionary<int, TimeSpan> Learn(ImmutableSortedDictionary<int, TimeSpan> measured, int level, TimeSpan cost) =>
        measured.SetItem(level, measured.TryGetValue(level, out var before) ? (NewestWeight * cost) + ((1 - NewestWeight) * before) : cost);
}
