using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Windows;

/// <summary>Maintenance that rolls over a cluster, one group of nodes after the other, so that the rest goes on.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.rolling-maintenance")]
public sealed record RollingMaintenance
{
    /// <summary>As of a window, and short enough that ".1", ".2" can follow; the windows are named so.</summary>
    [Id(0)] public string Id { get; init; } = "";

    [Id(1)] public WindowSeverity Severity { get; init; } = WindowSeverity.Major;

    /// <summary>Of the first group.</summary>
    [Id(2)] public DateTimeOffset Start { get; init; }

    /// <summary>Of each group; above zero.</summary>
    [Id(3)] public TimeSpan Duration { get; init; }

    /// <summary>Pause between two groups; not negative.</summary>
    [Id(4)] public TimeSpan Gap { get; init; }

    /// <summary>Each has a node or more, and no node is in two.</summary>
    [Id(5)] public ImmutableArray<ImmutableArray<NodeId>> Groups { get; init; } = [];

    /// <summary>A group begins when the one before is done, sooner or later than planned, and not by the clock alone.</summary>
    [Id(6)] public bool WhenDone { get; init; }

    [Id(7)] public string Description { get; init; } = "";

    [Id(8)] public bool Cancellable { get; init; } = true;

    [Id(9)] public string By { get; init; } = "";

    /// <summary>All that is wrong with it; empty: nothing.</summary>
    public IReadOnlyList<ArrangementRefusal> Problems()
    {
        var problems = new List<ArrangementRefusal>();
        var longest = Name(Groups.Length);
        if (Id.Length == 0 || ArrangementName.Explain(longest) is not null)
        {
            problems.Add(new() { Field = "id", Problem = Id.Length == 0 ? "it is empty" : ArrangementName.Explain(longest)! });
        }

        if (Duration <= TimeSpan.Zero)
        {
            problems.Add(new() { Field = "duration", Problem = $"{Duration} is not above zero" });
        }

        if (Gap < TimeSpan.Zero)
        {
            problems.Add(new() { Field = "gap", Problem = $"{Gap} is negative; zero or more is allowed" });
        }

        if (Groups.IsEmpty || Groups.Any(static group => group.IsEmpty))
        {
            problems.Add(new() { Field = "groups", Problem = "at least one group, and at least one node in each" });
        }

        if (Groups.SelectMany(static group => group).GroupBy(static node => node).FirstOrDefault(static same => same.Count() > 1) is { } twice)
        {
            problems.Add(new() { Field = "groups", Problem = $"{twice.Key} is named twice" });
        }

        return problems;
    }

    /// <summary>A window for each group, in their order.</summary>
    /// <exception cref="ArgumentException">Something is wrong with it.</exception>
    public ImmutableArray<MaintenanceWindow> Compile()
    {
        if (Problems() is [var first, ..])
        {
            throw new ArgumentException($"Rolling maintenance {Id}: {first}");
        }

        return
        [
            .. Groups.Select((group, index) =>
            {
                var start = Start + index * (Duration + Gap);
                return new MaintenanceWindow
                {
                    Id = Name(index + 1),
                    Severity = Severity,
                    Start = start,
                    End = start + Duration,
                    Nodes = [.. group.Order()],
                    Description = Description,
                    Cancellable = Cancellable,
                    By = By,
                    Rolling = Id,
                    After = WhenDone && index > 0 ? Name(index) : "",
                    Gap = WhenDone && index > 0 ? Gap : TimeSpan.Zero,
                };
            }),
        ];
    }

    /// <summary>Groups of so many nodes, by their ids; the last may be smaller.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public static ImmutableArray<ImmutableArray<NodeId>> GroupsOf(IEnumerable<NodeId> nodes, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        return [.. nodes.Order().Chunk(size).Select(static group => group.ToImmutableArray())];
    }

    private string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"{Id}.{number}");
}
