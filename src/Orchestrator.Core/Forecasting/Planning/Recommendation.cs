using System.Globalization;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>What to optimize for.</summary>
public enum PlanGoal
{
    Absent = 0,
    Balance = 1,
    MinimizeCost = 2,
    MaximizeThroughput = 3,
    MinimizeWaste = 4,
    MeetDeadline = 5,
}

/// <summary>How far ahead.</summary>
public enum PlanTimeframe
{
    Absent = 0,

    /// <summary>A day.</summary>
    Immediate = 1,

    /// <summary>Two weeks.</summary>
    ShortTerm = 2,

    /// <summary>A quarter.</summary>
    MediumTerm = 3,

    /// <summary>Half a year.</summary>
    LongTerm = 4,
}

/// <summary>A resource of which another amount is advised.</summary>
public sealed record Recommendation
{
    /// <summary>Simulation, stage, user or project.</summary>
    public string Subject { get; init; } = "";

    /// <summary>cpu, memory, gpu, storage, walltime.</summary>
    public string Resource { get; init; } = "";

    public double Current { get; init; }

    public double Recommended { get; init; }

    public string Unit { get; init; } = "";

    public PlanGoal Goal { get; init; }

    public PlanTimeframe Timeframe { get; init; }

    /// <summary>By how much the advised is above what was used, for what may come: 1.25 is a quarter more; 1: nothing.</summary>
    public double Buffer { get; init; } = 1;

    /// <summary>0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>Of its scenario, 0 to 1: above 0.5 it gets room to grow; null: none is known.</summary>
    public double? Priority { get; init; }

    /// <summary>Why; a sentence.</summary>
    public string Justification { get; init; } = "";

    /// <summary>Saved (above 0) or spent more in the time looked at, by the rates of the site.</summary>
    public double Saves { get; init; }

    /// <summary>When it was carried out; null: not yet.</summary>
    public DateTimeOffset? ImplementedAt { get; init; }

    /// <summary>What came of it, in the unit; null: not known.</summary>
    public double? ActualImpact { get; init; }

    /// <summary>From the present to the advised amount.</summary>
    public double ChangePercent => Current == 0 ? 0 : (Recommended - Current) / Current * 100;

    public Recommendation Implemented(DateTimeOffset at, double? impact) => this with { ImplementedAt = at, ActualImpact = impact };

    /// <summary><c>decrease cpu by 20.0%: …</c>.</summary>
    public static string Justify(string resource, double current, double recommended, PlanGoal goal, PlanTimeframe timeframe, string why)
    {
        var change = current == 0 ? 0 : Math.Abs(recommended - current) / current * 100;
        return string.Create(CultureInfo.InvariantCulture, $"{(recommended >= current ? "increase" : "decrease")} {resource} by {change:0.0}% ({NameOf(goal)}, {NameOf(timeframe)}): {why}");
    }

    public static string NameOf(PlanGoal goal) => goal switch
    {
        PlanGoal.MinimizeCost => "minimize_cost",
        PlanGoal.MaximizeThroughput => "maximize_throughput",
        PlanGoal.MinimizeWaste => "minimize_waste",
        PlanGoal.MeetDeadline => "meet_deadline",
        _ => "balance",
    };

    public static string NameOf(PlanTimeframe timeframe) => timeframe switch
    {
        PlanTimeframe.Immediate => "immediate",
        PlanTimeframe.ShortTerm => "short_term",
        PlanTimeframe.LongTerm => "long_term",
        _ => "medium_term",
    };
}
