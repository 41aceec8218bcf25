using System.Runtime.InteropServices;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>How long typical work runs, and how much of all work is smaller than a piece of it.</summary>
internal sealed class WorkScale
{
    private readonly int first;
    private readonly double[] below;
    private readonly double[] own;
    private readonly double area;

    private WorkScale(double area, double areaByLength, IReadOnlyCollection<KeyValuePair<int, double>> parts)
    {
        this.area = area;
        Length = area > 0 ? areaByLength / area : 0;
        var last = int.MinValue;
        first = int.MaxValue;
        foreach (var (step, _) in parts)
        {
            (first, last) = (Math.Min(first, step), Math.Max(last, step));
        }

        var count = last < first ? 0 : last - first + 1;
        (below, own) = (new double[count], new double[count]);
        foreach (var (step, part) in parts)
        {
            own[step - first] += part;
        }

        for (var at = 1; at < count; at++)
        {
            below[at] = below[at - 1] + own[at - 1];
        }
    }

    /// <summary>Seconds: the mean over all core-seconds.</summary>
    public double Length { get; }

    public static WorkScale Of(LearnedWork learned) => new(learned.Area, learned.AreaByLength, learned.Areas);

    /// <summary>For want of anything learned: the work that waits.</summary>
    public static WorkScale Of(ReadOnlySpan<double> areas, ReadOnlySpan<double> seconds)
    {
        // In whole numbers, since their sums are the same in any order.
        var steps = new Dictionary<int, long>();
        var (area, areaByLength) = (0L, Int128.Zero);
        for (var index = 0; index < areas.Length; index++)
        {
            var own = (long)areas[index];
            CollectionsMarshal.GetValueRefOrAddDefault(steps, LearnedWork.StepOf(areas[index]), out _) += own;
            area += own;
            areaByLength += Math.BigMul(own, (long)seconds[index]);
        }

        return new(area, (double)areaByLength, [.. steps.Select(static step => KeyValuePair.Create(step.Key, (double)step.Value))]);
    }

    /// <summary>The part, 0 to 1, of all work that came in smaller pieces: those of its own size count half.</summary>
    public double Smaller(double size)
    {
        if (below.Length == 0)
        {
            return 0.5;
        }

        var step = LearnedWork.StepOf(size) - first;
        return step < 0 ? 0 : step >= below.Length ? 1 : (below[step] + (own[step] / 2)) / area;
    }
}
