using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Order;

/// <summary>
/// The class in which an attempt counts. The higher of its own and an inherited one, then
/// a deadline at risk (what is left of the work plus the margin fills the time that is left): one up, to critical at most;
/// a deadline nearer than 24 hours: medium to high, low to medium; nearer than 48 hours: low to medium; of these the one that raises most;
/// much promise: one up, to high at most; little promise: one down, unless it is critical;
/// each whole <see cref="OrderSettings.RaiseAfter"/> of waiting: one up, to high at most.
/// </summary>
internal readonly struct EffectiveClass(OrderSettings settings)
{
    private static readonly long DayTicks = TimeSpan.FromDays(1).Ticks;

    private readonly long raiseAfter = settings.RaiseAfter?.Ticks ?? 0;
    private readonly double raises = settings.PromiseRaises;
    private readonly double lowers = settings.PromiseLowers;

    /// <summary>The class with <paramref name="left"/> ticks until its deadline, if it has one, and however long it waited.</summary>
    public PriorityClass WithoutAge(in WaitingFacts facts, long left, bool atRisk)
    {
        var level = (int)facts.Class;
        if (facts.Deadline != long.MaxValue)
        {
            level = NearDeadline(level, left, atRisk);
        }

        if (facts.Promise > raises && level < (int)PriorityClass.High)
        {
            level++;
        }
        else if (facts.Promise < lowers && level is > (int)PriorityClass.Background and < (int)PriorityClass.Critical)
        {
            level--;
        }

        return (PriorityClass)level;
    }

    /// <summary>The class after so many ticks in the queue.</summary>
    public PriorityClass Aged(PriorityClass unaged, long waited) => raiseAfter > 0 && unaged < PriorityClass.High
        ? (PriorityClass)Math.Min((int)PriorityClass.High, (int)unaged + (waited / raiseAfter))
        : unaged;

    /// <summary>10, 5, 2, 1 and 0.5 as parts of the largest.</summary>
    public static double Factor(PriorityClass priority) => priority switch
    {
        PriorityClass.Critical => 1,
        PriorityClass.High => 0.5,
        PriorityClass.Medium => 0.2,
        PriorityClass.Low => 0.1,
        _ => 0.05,
    };

    /// <summary>The factor of the class under that of a factor; of the lowest its own.</summary>
    public static double Below(double factor) => factor > 0.5 ? 0.5 : factor > 0.2 ? 0.2 : factor > 0.1 ? 0.1 : 0.05;

    private static int NearDeadline(int level, long left, bool atRisk)
    {
        var near = (PriorityClass)level switch
        {
            PriorityClass.Medium when left < DayTicks => PriorityClass.High,
            PriorityClass.Low when left < 2 * DayTicks => PriorityClass.Medium,
            var same => same,
        };
        return Math.Max((int)near, atRisk ? Math.Min(level + 1, (int)PriorityClass.Critical) : level);
    }
}
