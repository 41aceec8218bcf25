using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Accounts;

/// <summary>
/// Amounts of all that budgets count, in millionths of the unit of each (<see cref="BudgetUnit"/>), so that what is reserved, used and returned adds up exactly.
/// Up to <see cref="Unlimited"/>, which stays what it is whatever is added or taken.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.budget-amounts")]
public readonly record struct BudgetAmounts
{
    /// <summary>So many make one unit.</summary>
    public const long PerUnit = 1_000_000;

    /// <summary>More than any amount: nothing limits it.</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>The units, in the order in which they are looked at.</summary>
    public static ReadOnlySpan<BudgetUnit> Units => [BudgetUnit.CoreHours, BudgetUnit.GpuHours, BudgetUnit.MemoryHours, BudgetUnit.Cost, BudgetUnit.Energy];

    [Id(0)] public long CoreHours { get; init; }

    [Id(1)] public long GpuHours { get; init; }

    [Id(2)] public long MemoryHours { get; init; }

    [Id(3)] public long Cost { get; init; }

    [Id(4)] public long Energy { get; init; }

    /// <summary>Nothing is limited.</summary>
    public static BudgetAmounts Endless => new() { CoreHours = Unlimited, GpuHours = Unlimited, MemoryHours = Unlimited, Cost = Unlimited, Energy = Unlimited };

    public long this[BudgetUnit unit] => unit switch
    {
        BudgetUnit.CoreHours => CoreHours,
        BudgetUnit.GpuHours => GpuHours,
        BudgetUnit.MemoryHours => MemoryHours,
        BudgetUnit.Cost => Cost,
        BudgetUnit.Energy => Energy,
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "no unit of a budget"),
    };

    /// <summary>These, with another amount of one unit.</summary>
    public BudgetAmounts With(BudgetUnit unit, long amount) => unit switch
    {
        BudgetUnit.CoreHours => this with { CoreHours = amount },
        BudgetUnit.GpuHours => this with { GpuHours = amount },
        BudgetUnit.MemoryHours => this with { MemoryHours = amount },
        BudgetUnit.Cost => this with { Cost = amount },
        BudgetUnit.Energy => this with { Energy = amount },
        _ => throw new ArgumentOutOfRangeException(nameof(unit), unit, "no unit of a budget"),
    };

    /// <summary>None of any.</summary>
    public bool AreZero() => this == default;

    /// <summary>None is below zero.</summary>
    public bool AreSound() => CoreHours >= 0 && GpuHours >= 0 && MemoryHours >= 0 && Cost >= 0 && Energy >= 0;

    /// <summary>The first unit of which these are more than <paramref name="left"/>; absent: of none.</summary>
    public BudgetUnit FirstBeyond(in BudgetAmounts left) =>
        CoreHours > left.CoreHours ? BudgetUnit.CoreHours
        : GpuHours > left.GpuHours ? BudgetUnit.GpuHours
        : MemoryHours > left.MemoryHours ? BudgetUnit.MemoryHours
        : Cost > left.Cost ? BudgetUnit.Cost
        : Energy > left.Energy ? BudgetUnit.Energy
        : BudgetUnit.Absent;

    /// <summary>Of each the smaller.</summary>
    public static BudgetAmounts Min(in BudgetAmounts one, in BudgetAmounts other) => new()
    {
        CoreHours = Math.Min(one.CoreHours, other.CoreHours),
        GpuHours = Math.Min(one.GpuHours, other.GpuHours),
        MemoryHours = Math.Min(one.MemoryHours, other.MemoryHours),
        Cost = Math.Min(one.Cost, other.Cost),
        Energy = Math.Min(one.Energy, other.Energy),
    };

    /// <summary>Of each the greater.</summary>
    public static BudgetAmounts Max(in BudgetAmounts one, in BudgetAmounts other) => new()
    {
        CoreHours = Math.Max(one.CoreHours, other.CoreHours),
        GpuHours = Math.Max(one.GpuHours, other.GpuHours),
        MemoryHours = Math.Max(one.MemoryHours, other.MemoryHours),
        Cost = Math.Max(one.Cost, other.Cost),
        Energy = Math.Max(one.Energy, other.Energy),
    };

    public static BudgetAmounts operator +(in BudgetAmounts one, in BudgetAmounts other) => new()
    {
        CoreHours = Add(one.CoreHours, other.CoreHours),
        GpuHours = Add(one.GpuHours, other.GpuHours),
        MemoryHours = Add(one.MemoryHours, other.MemoryHours),
        Cost = Add(one.Cost, other.Cost),
        Energy = Add(one.Energy, other.Energy),
    };

    public static BudgetAmounts operator -(in BudgetAmounts one, in BudgetAmounts other) => new()
    {
        CoreHours = Take(one.CoreHours, other.CoreHours),
        GpuHours = Take(one.GpuHours, other.GpuHours),
        MemoryHours = Take(one.MemoryHours, other.MemoryHours),
        Cost = Take(one.Cost, other.Cost),
        Energy = Take(one.Energy, other.Energy),
    };

    /// <summary>What is used in <paramref name="duration"/> when these are the amounts of an hour; rounded up.</summary>
    public BudgetAmounts Over(TimeSpan duration) => new()
    {
        CoreHours = Over(CoreHours, duration.Ticks),
        GpuHours = Over(GpuHours, duration.Ticks),
        MemoryHours = Over(MemoryHours, duration.Ticks),
        Cost = Over(Cost, duration.Ticks),
        Energy = Over(Energy, duration.Ticks),
    };

    /// <summary>For how long these last when <paramref name="perHour"/> is used in an hour, by the first that is used up; <see cref="TimeSpan.MaxValue"/>: for ever.</summary>
    public TimeSpan Last(in BudgetAmounts perHour)
    {
        var ticks = long.MaxValue;
        foreach (var unit in Units)
        {
            if (perHour[unit] > 0 && this[unit] != Unlimited)
            {
                ticks = (long)Int128.Min(ticks, (Int128)Math.Max(0, this[unit]) * TimeSpan.TicksPerHour / perHour[unit]);
            }
        }

        return TimeSpan.FromTicks(ticks);
    }

    /// <summary>A number of units as an amount, rounded down; what is beyond all reason is <see cref="Unlimited"/>.</summary>
    public static long FromUnits(double units) => units * PerUnit is var amount && amount >= Largest ? Unlimited : double.IsNaN(amount) ? 0 : (long)Math.Floor(amount + 1e-6);

    /// <summary>An amount in units.</summary>
    public static double ToUnits(long amount) => amount == Unlimited ? double.PositiveInfinity : amount / (double)PerUnit;

    // Far below the end of the range, so that no sum of what accounts really use ever gets there.
    private const double Largest = 4e18;

    /// <summary>So much for each of the ticks of an hour, rounded up, is within the range.</summary>
    private const long SmallPerHour = (long.MaxValue / TimeSpan.TicksPerHour) - 1;

    private static long Add(long one, long other) => one == Unlimited || other == Unlimited ? Unlimited : checked(one + other);

    private static long Take(long one, long other) => one == Unlimited ? Unlimited : checked(one - other);

    private static long Over(long perHour, long ticks)
    {
        if (perHour <= 0 || ticks <= 0)
        {
            return 0;
        }

        // What accounts use stays within 64 bits, by hours and the rest of one: each plan asks what each request costs.
        if (perHour <= SmallPerHour)
        {
            var (hours, rest) = Math.DivRem(ticks, TimeSpan.TicksPerHour);
            return (perHour * hours) + (((perHour * rest) + (TimeSpan.TicksPerHour - 1)) / TimeSpan.TicksPerHour);
        }

        var exact = ((Int128)perHour * ticks + (TimeSpan.TicksPerHour - 1)) / TimeSpan.TicksPerHour;
        return exact >= (Int128)Largest ? (long)Largest : (long)exact;
    }
}
