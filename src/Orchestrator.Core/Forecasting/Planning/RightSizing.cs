using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Forecasting.Analysis;
using Orchestrator.Core.Usage;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>
/// What work should ask for, by what it really used: the 95th percentile of its runs over the target utilization, times what goal and timeframe add. A change below a tenth is not worth the trouble, and
/// nothing goes below 80 % of the present at once.
/// </summary>
public static class RightSizing
{
    private const int RunsMin = 5;
    private const double ChangeMin = 0.1;
    private const double FloorOfCurrent = 0.8;
    private const double CpuTarget = 0.8;
    private const double MemoryTarget = 0.75;
    private const double GpuTarget = 0.8;
    private const double GiB = 1024.0 * 1024 * 1024;

    /// <param name="records">Of any time; grouped by simulation and stage, or by user and program where there is no simulation.</param>
    /// <param name="goal">What to optimize for.</param>
    /// <param name="timeframe">How far ahead.</param>
    /// <param name="rates">What use costs.</param>
    /// <param name="priorityOf">The priority of the scenario of a simulation, 0 to 1; null: none is known.</param>
    /// <returns>The largest savings first.</returns>
    public static ImmutableArray<Recommendation> Of(
        IEnumerable<UsageRecord> records, PlanGoal goal = PlanGoal.Balance, PlanTimeframe timeframe = PlanTimeframe.MediumTerm, UsageRates? rates = null, Func<string, double?>? priorityOf = null)
    {
        ArgumentNullException.ThrowIfNull(records);
        var costs = rates ?? new UsageRates();
        var found = ImmutableArray.CreateBuilder<Recommendation>();
        foreach (var group in records.GroupBy(SubjectOf, StringComparer.Ordinal).OrderBy(static group => group.Key, StringComparer.Ordinal))
        {
            var runs = group.Where(static run => run.Until > run.From && run.CoresHeld > 0 && !run.IsRunning).ToArray();
            if (runs.Length < RunsMin)
            {
                continue;
            }

            var wish = new Wish(group.Key, goal, timeframe, runs[0].Simulation.Length > 0 ? priorityOf?.Invoke(runs[0].Simulation) : null);
            Walltime(found, wish, runs);
            Cores(found, wish, runs, costs);
            Memory(found, wish, runs, costs);
            Gpus(found, wish, runs, costs);
        }

        return [.. found.OrderByDescending(static each => each.Saves).ThenBy(static each => each.Subject, StringComparer.Ordinal)];
    }

    /// <summary>What the goal adds.</summary>
    public static double Factor(PlanGoal goal) => goal switch
    {
        PlanGoal.MinimizeCost => 1.05,
        PlanGoal.MaximizeThroughput => 1.1,
        PlanGoal.MinimizeWaste => 1.02,
        PlanGoal.MeetDeadline => 1.15,
        _ => 1,
    };

    /// <summary>What the distance adds.</summary>
    public static double Buffer(PlanTimeframe timeframe) => timeframe switch
    {
        PlanTimeframe.Immediate => 1.1,
        PlanTimeframe.ShortTerm => 1.2,
        PlanTimeframe.LongTerm => 1.5,
        _ => 1.3,
    };

    /// <summary>
    /// What the priority of a scenario adds: nothing up to the 0.5 of all that promise as much as others, a quarter at 1. It never takes anything away: who promises little needs as much memory as it needs.
    /// </summary>
    public static double Promise(double? priority) => priority is { } known ? 1 + (Math.Max(0, Math.Clamp(known, 0, 1) - 0.5) / 2) : 1;

    /// <summary>How sure advice is that reaches so far.</summary>
    public static double Confidence(PlanTimeframe timeframe) => 0.8 * timeframe switch
    {
        PlanTimeframe.Immediate => 1,
        PlanTimeframe.ShortTerm => 0.9,
        PlanTimeframe.LongTerm => 0.7,
        _ => 0.8,
    };

    /// <summary>What to have of a resource: never below 80 % of the present, and never less for a higher priority; null: a change is not worth it.</summary>
    public static double? Advised(double current, double used, double target, PlanGoal goal, PlanTimeframe timeframe, double? priority = null)
    {
        var wanted = Math.Max(used / target * Factor(goal) * Buffer(timeframe) * Promise(priority), FloorOfCurrent * current);
        return current <= 0 || Math.Abs(wanted - current) < ChangeMin * current ? null : wanted;
    }

    private static string SubjectOf(UsageRecord run) =>
        run.Simulation.Length > 0 ? (run.Stage.Length > 0 ? $"{run.Simulation}/{run.Stage}" : run.Simulation) : run.Stage.Length > 0 ? $"{run.User}/{run.Stage}" : run.User;

    /// <summary>Limits that are far too long keep work out of the holes of the schedule, and cost nothing else.</summary>
    private static void Walltime(ImmutableArray<Recommendation>.Builder found, Wish wish, UsageRecord[] runs)
    {
        var limited = runs.Where(static run => run.Limit is not null).ToArray();
        if (limited.Length < RunsMin)
        {
            return;
        }

        var current = Statistics.Median(Array.ConvertAll(limited, static run => run.Limit!.Value.TotalHours));
        var ran = Array.ConvertAll(limited, static run => (run.Until - run.From).TotalHours);
        Array.Sort(ran);
        var used = Statistics.Quantile(ran, 0.95);
        if (wish.Advised(current, used, 1) is { } advised)
        {
            found.Add(wish.For("walltime", "hours", current, advised, string.Create(CultureInfo.InvariantCulture, $"19 of 20 of {limited.Length} runs took {used:0.##} h or less, and {current:0.##} h were asked for")));
        }
    }

    private static void Cores(ImmutableArray<Recommendation>.Builder found, Wish wish, UsageRecord[] runs, UsageRates rates)
    {
        var measured = runs.Where(static run => run is { IsBusyWhole: true, Amounts: { Busy: > 0, Cores: > 0 } }).ToArray();
        if (measured.Length < RunsMin)
        {
            return;
        }

        var current = Statistics.Median(Array.ConvertAll(measured, static run => run.CoresHeld));
        var busy = Array.ConvertAll(measured, static run => run.Amounts.Busy / (run.Until - run.From).TotalSeconds);
        Array.Sort(busy);
        var used = Statistics.Quantile(busy, 0.95);
        if (wish.Advised(current, used, CpuTarget) is { } exact && Math.Ceiling(exact) is var advised && advised < current)
        {
            var hours = measured.Sum(static run => run.Amounts.Cores) / 3600;
            var why = string.Create(CultureInfo.InvariantCulture, $"19 of 20 of {measured.Length} runs kept {used:0.#} of {current:0.#} cores busy");
            found.Add(wish.For("cpu", "cores", current, advised, why) with { Saves = hours * (1 - (advised / current)) * rates.CoreHour });
        }
    }

    /// <summary>By the peak of each run; more, too, since what is too little ends in the kernel's hands.</summary>
    private static void Memory(ImmutableArray<Recommendation>.Builder found, Wish wish, UsageRecord[] runs, UsageRates rates)
    {
        // What the largest of many ranks had resident says nothing of what all of them need together.
        var measured = runs.Where(static run => run is { IsMemoryWhole: true, MemoryHeld: > 0, Amounts.Memory: > 0 }).ToArray();
        if (measured.Length < RunsMin)
        {
            return;
        }

        var current = Statistics.Median(Array.ConvertAll(measured, static run => run.MemoryHeld)) / GiB;
        var peaks = Array.ConvertAll(measured, static run => run.Amounts.Memory / (run.Until - run.From).TotalSeconds / GiB);
        Array.Sort(peaks);
        var used = Statistics.Quantile(peaks, 0.95);
        if (wish.Advised(current, used, MemoryTarget) is { } advised)
        {
            var hours = measured.Sum(static run => run.MemoryHeld / GiB * (run.Until - run.From).TotalHours);
            var why = string.Create(CultureInfo.InvariantCulture, $"19 of 20 of {measured.Length} runs had {used:0.##} of {current:0.##} GiB resident at most");
            found.Add(wish.For("memory", "GiB", current, advised, why) with { Saves = hours * (1 - (advised / current)) * rates.MemoryGiBHour });
        }
    }

    /// <summary>By how many of its GPUs each run kept busy. They come one by one: of few of them a fifth is none, so that one may go where the others suffice.</summary>
    private static void Gpus(ImmutableArray<Recommendation>.Builder found, Wish wish, UsageRecord[] runs, UsageRates rates)
    {
        var measured = runs.Where(static run => run is { GpuBusy: not null, Amounts.Gpus: > 0 }).ToArray();
        if (measured.Length < RunsMin)
        {
            return;
        }

        var held = Array.ConvertAll(measured, static run => run.Amounts.Gpus / (run.Until - run.From).TotalSeconds);
        var busy = held.Zip(measured, static (count, run) => count * run.GpuBusy!.Value).Order().ToArray();
        var (current, used) = (Math.Round(Statistics.Median(held), 6), Statistics.Quantile(busy, 0.95));
        var least = Math.Max(1, Math.Min(Math.Ceiling(FloorOfCurrent * current), current - 1));
        var advised = Math.Max(least, Math.Ceiling(used / GpuTarget * Factor(wish.Goal) * Buffer(wish.Timeframe) * Promise(wish.Priority)));
        if (current - advised >= ChangeMin * current)
        {
            var hours = measured.Sum(static run => run.Amounts.Gpus) / 3600;
            var why = string.Create(CultureInfo.InvariantCulture, $"19 of 20 of {measured.Length} runs kept {used:0.##} of {current:0.##} GPUs busy");
            found.Add(wish.For("gpu", "GPUs", current, advised, why) with { Saves = hours * (1 - (advised / current)) * rates.GpuHour });
        }
    }

    /// <summary>For what advice is wanted.</summary>
    private sealed record Wish(string Subject, PlanGoal Goal, PlanTimeframe Timeframe, double? Priority)
    {
        public double? Advised(double current, double used, double target) => RightSizing.Advised(current, used, target, Goal, Timeframe, Priority);

        public Recommendation For(string resource, string unit, double current, double advised, string why) => new()
        {
            Subject = Subject,
            Resource = resource,
            Unit = unit,
            Current = current,
            Recommended = advised,
            Goal = Goal,
            Timeframe = Timeframe,
            Buffer = Buffer(Timeframe),
            Confidence = Confidence(Timeframe),
            Priority = Priority,
            Justification = Recommendation.Justify(
                resource, current, advised, Goal, Timeframe, Priority is { } priority && Promise(priority) > 1 ? string.Create(CultureInfo.InvariantCulture, $"{why}; its scenario has priority {priority:0.00}, which adds {Promise(priority) - 1:P0}") : why),
        };
    }
}
