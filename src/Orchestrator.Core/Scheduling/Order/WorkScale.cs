namespace Orchestrator.Core.Scheduling.Order;

/// <summary>How long typical work runs, and how much of all work is smaller than a piece of it.</summary>
internal sealed class WorkScale
{
    private readonly int first;
    private readonly double[] below;
    private readonly double[] own;
    private readonly double area;

    /// <param name="area">Core-seconds of all work.</param>
    /// <param name="areaByLength">The sum of core-seconds by seconds.</param>
    /// <param name="first">The smallest step of size.</param>
    /// <param name="own">From that on, the core-seconds of each step.</param>
    private WorkScale(double area, double areaByLength, int first, double[] own)
    {
        (this.area, this.first, this.own) = (area, first, own);
        Length = area > 0 ? areaByLength / area : 0;
        below = new double[own.Length];
        for (var at = 1; at < own.Length; at++)
        {
            below[at] = below[at - 1] + own[at - 1];
        }
    }

    /// <summary>Seconds: the mean over all core-seconds.</summary>
    public double Length { get; }

    public static WorkScale Of(LearnedWork learned)
    {
        var (first, last) = (int.MaxValue, int.MinValue);
        foreach (var (step, _) in learned.Areas)
        {
            (first, last) = (Math.Min(first, step), Math.Max(last, step));
        }

        var own = new double[last < first ? 0 : last - first + 1];
        foreach (var (step, part) in learned.Areas)
        {
            own[step - first] += part;
        }

        return new(learned.Area, learned.AreaByLength, first, own);
    }

    /// <summary>For want of anything learned: the work that waits.</summary>
    public static WorkScale Of(ReadOnlySpan<WaitingFacts> waiting)
    {
        var (first, last) = (int.MaxValue, int.MinValue);
        foreach (ref readonly var facts in waiting)
        {
            (first, last) = (Math.Min(first, facts.Step), Math.Max(last, facts.Step));
        }

        // In whole numbers, since their sums are the same in any order.
        var steps = new long[last < first ? 0 : last - first + 1];
        var (area, areaByLength) = (0L, Int128.Zero);
        foreach (ref readonly var facts in waiting)
        {
            var own = (long)facts.Area;
            steps[facts.Step - first] += own;
            area += own;
            areaByLength += Math.BigMul(own, (long)facts.Seconds);
        }

        return new(area, (double)areaByLength, first, Array.ConvertAll(steps, static step => (double)step));
    }

    /// <summary>The part, 0 to 1, of all work that came in smaller pieces: those of its own size count half.</summary>
    public double Smaller(double size) => OfStep(LearnedWork.StepOf(size));

    /// <summary>The same for a step of size.</summary>
    public double OfStep(int step)
    {
        if (below.Length == 0)
        {
            return 0.5;
        }

        var at = step - first;
        return at < 0 ? 0 : at >= below.Length ? 1 : (below[at] + (own[at] / 2)) / area;
    }
}
