using System.Collections.Immutable;

namespace Orchestrator.Core.Rendering;

/// <summary>
/// When a stage is asked for previews, and of which level. With the interval <c>E</c> that is wished, the largest overhead <c>o</c> and the cost <c>c(L)</c> of level <c>L</c>:
/// <code>
/// L(p) = the highest level that is at most p percent, else the lowest       p: progress at that time
/// wait = max(E, c(L) / o)                                                  thinned out, so that c(L) / wait is at most o
/// </code>
/// A stage that is over before the first of them makes one at half of its time, of the highest level that fits into <c>o</c> times its time; none where not even the lowest does, or half of its time is less than a second.
/// </summary>
public static class PreviewSchedule
{
    /// <summary>So many are planned ahead: with what the next ones teach, the rest would be planned anew anyway.</summary>
    public const int AheadMax = 10;

    /// <summary>Nothing runs so long: a limit that allows next to nothing comes to none.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(365_000);

    /// <summary>The level for a progress: the highest one of the list that is not above it, else the lowest.</summary>
    /// <param name="levels">In percent, rising; not empty.</param>
    /// <param name="progress">0 to 1.</param>
    public static int LevelAt(ImmutableArray<int> levels, double progress)
    {
        var found = levels[0];
        foreach (var level in levels)
        {
            // 0.29 of the work are 28.999999999999996 percent of it.
            found = level <= (progress * 100) + 1e-9 ? level : found;
        }

        return found;
    }

    /// <summary>What is still made; of a stage that makes none (no policy, or one that is not enabled) nothing, which costs nothing.</summary>
    public static PreviewPlan Plan(PreviewPolicy? policy, PreviewFacts facts)
    {
        if (policy is not { Enabled: true } || facts.Whole <= TimeSpan.Zero)
        {
            return new();
        }

        var left = facts.Whole * (1 - Math.Clamp(facts.Progress, 0, 1));
        var outputs = ImmutableArray.CreateBuilder<PlannedPreview>();
        var after = TimeSpan.Zero;
        var isOver = false;
        while (outputs.Count < AheadMax && !isOver)
        {
            var level = LevelAt(policy.Levels, ProgressAfter(facts, after + policy.Every));
            var cost = CostOf(policy, facts, level);
            after += WaitFor(policy, cost);
            isOver = after >= left;
            if (!isOver)
            {
                outputs.Add(new() { At = facts.Since + after, Level = level, Cost = cost });
            }
        }

        if (outputs.Count == 0 && facts.Made == 0 && AtHalfTime(policy, facts, left) is { } only)
        {
            outputs.Add(only);
        }

        var whole = TimeSpan.FromTicks(outputs.Sum(static output => output.Cost.Ticks));
        return new()
        {
            Outputs = outputs.ToImmutable(),
            Cost = whole,

            // What comes after the last one that is planned has its own share.
            Overhead = outputs.Count == 0 ? 0 : whole / (isOver ? left : outputs[^1].At - facts.Since),
        };
    }

    /// <summary>Parts what is planned into what is due and what is kept. What is due is made at the level of the progress that there is now, if that is not dearer than the time since it was planned allows.</summary>
    /// <param name="policy">The stage's.</param>
    /// <param name="facts">What the plan was made of.</param>
    /// <param name="planned">The plan.</param>
    /// <param name="progress">0 to 1, at present.</param>
    /// <param name="now">The present.</param>
    public static (ImmutableArray<PlannedPreview> Due, ImmutableArray<PlannedPreview> Ahead) TakeDue(
        PreviewPolicy policy, PreviewFacts facts, IEnumerable<PlannedPreview> planned, double progress, DateTimeOffset now)
    {
        var wished = LevelAt(policy.Levels, progress);
        var cost = CostOf(policy, facts, wished);
        var affordable = (now - facts.Since) * policy.OverheadMax;
        var parts = planned.ToLookup(output => output.At <= now);
        return ([.. parts[true].Select(output => wished <= output.Level || cost <= affordable ? output with { Level = wished, Cost = cost } : output)], [.. parts[false]]);
    }

    /// <summary>The one of a stage that is over before its interval is.</summary>
    private static PlannedPreview? AtHalfTime(PreviewPolicy policy, PreviewFacts facts, TimeSpan left)
    {
        var half = left / 2;
        if (half < PreviewPolicy.EveryMin)
        {
            return null;
        }

        var highest = LevelAt(policy.Levels, ProgressAfter(facts, half));
        foreach (var level in policy.Levels.Reverse())
        {
            if (level <= highest && CostOf(policy, facts, level) is var cost && cost <= left * policy.OverheadMax)
            {
                return new() { At = facts.Since + half, Level = level, Cost = cost };
            }
        }

        return null;
    }

    private static TimeSpan WaitFor(PreviewPolicy policy, TimeSpan cost)
    {
        var shortest = TimeSpan.FromTicks((long)Math.Min(Math.Round(cost.Ticks / policy.OverheadMax), LongestWait.Ticks));
        return shortest > policy.Every ? shortest : policy.Every;
    }

    private static TimeSpan CostOf(PreviewPolicy policy, PreviewFacts facts, int level) => PreviewCosts.Of(policy, facts.Whole, facts.Measured, level);

    private static double ProgressAfter(PreviewFacts facts, TimeSpan time) => facts.Progress + (time / facts.Whole);
}
