using System.Collections.Immutable;

namespace Orchestrator.Core.Forecasting.Planning;

/// <summary>Hours that an agency gave, and when it takes back what is not used.</summary>
public sealed record Grant
{
    public string Name { get; init; } = "";

    /// <summary>Above 0; in the unit of the series, such as core-hours.</summary>
    public double Allocation { get; init; }

    public DateTimeOffset From { get; init; }

    /// <summary>What is left then expires; after <see cref="From"/>.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>By date.</summary>
    public ImmutableArray<PullBack> PullBacks { get; init; } = [];

    /// <summary>What an hour costs; null: not known.</summary>
    public double? CostPerUnit { get; init; }

    /// <summary>Only what these use counts against it: <c>project</c>, or <c>institution/project</c>; empty: any.</summary>
    public ImmutableArray<string> Projects { get; init; } = [];

    /// <summary>Only what these use counts against it: ids, or beginnings of ids with a star after them (<c>s-co2-*</c>); empty: any.</summary>
    public ImmutableArray<string> Simulations { get; init; } = [];

    /// <summary>Whether what a simulation of a project uses counts against it.</summary>
    public bool Covers(string institution, string project, string simulation) =>
        (Projects.IsEmpty || Projects.Any(one => IsProject(one, institution, project))) && (Simulations.IsEmpty || Simulations.Any(one => IsSimulation(one, simulation)));

    /// <summary>Whether a name, <c>project</c> or <c>institution/project</c>, is that of a project.</summary>
    public static bool IsProject(string name, string institution, string project)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Contains('/', StringComparison.Ordinal) ? name == $"{institution}/{project}" : name == project;
    }

    /// <summary>Everything that is wrong with it; empty: nothing.</summary>
    public ImmutableArray<string> Problems()
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        if (Allocation is not (> 0 and < double.PositiveInfinity))
        {
            problems.Add(FormattableString.Invariant($"{Name}: the allocation is {Allocation}; allowed: above 0"));
        }

        if (Until <= From)
        {
            problems.Add(FormattableString.Invariant($"{Name}: it ends at {Until:u}, which is not after its start {From:u}"));
        }

        if (CostPerUnit is { } cost and not (>= 0 and < double.PositiveInfinity))
        {
            problems.Add(FormattableString.Invariant($"{Name}: cost_per_hour is {cost}; allowed: 0 or more"));
        }

        foreach (var project in Projects.Where(static project => project.Length == 0 || project.Any(char.IsWhiteSpace) || project.Split('/') is { Length: > 2 } || project[0] == '/' || project[^1] == '/'))
        {
            problems.Add($"{Name}: project: '{project}' is no project; allowed: PROJECT, or INSTITUTION/PROJECT");
        }

        foreach (var simulation in Simulations.Where(static simulation => simulation.Length == 0 || simulation.Any(char.IsWhiteSpace) || simulation.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < simulation.Length - 1))
        {
            problems.Add($"{Name}: simulation: '{simulation}' is no simulation; allowed: an id, or its beginning with a star after it (s-co2-*)");
        }

        foreach (var each in PullBacks)
        {
            if (each.At <= From || each.At > Until)
            {
                problems.Add(FormattableString.Invariant($"{Name}: the pull-back of {each.At:yyyy-MM-dd} lies outside {From:yyyy-MM-dd} to {Until:yyyy-MM-dd}"));
            }

            if (each.UsedAtLeast is not (> 0 and <= 1) || each.Takes is not (> 0 and <= 1))
            {
                problems.Add(FormattableString.Invariant($"{Name}: the pull-back of {each.At:yyyy-MM-dd} wants {each.UsedAtLeast} used and takes {each.Takes}; allowed: parts above 0, at most 1"));
            }
        }

        return problems.ToImmutable();
    }

    private static bool IsSimulation(string name, string simulation) => name is [.., '*'] ? simulation.StartsWith(name[..^1], StringComparison.Ordinal) : simulation == name;
}

/// <summary>A date at which an agency takes hours back from who has used too little.</summary>
/// <param name="At">When.</param>
/// <param name="UsedAtLeast">So large a part of the allocation has to be used by then.</param>
/// <param name="Takes">So large a part of what is missing to that is taken.</param>
public readonly record struct PullBack(DateTimeOffset At, double UsedAtLeast, double Takes = 1);
