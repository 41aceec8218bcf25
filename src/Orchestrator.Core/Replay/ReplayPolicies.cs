using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Backfill;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Replay;

/// <summary>The policies that have a name: what the literature compares, and the scheduler's own.</summary>
public static class ReplayPolicies
{
    public static ImmutableArray<string> Names { get; } = ["fcfs", "easy", "easy-sjbf", "conservative", "default"];

    /// <summary>Null: there is no such name.</summary>
    public static SchedulingSettings? Named(string name) => name switch
    {
        "fcfs" => ByArrival(BackfillKind.None),
        "easy" => ByArrival(BackfillKind.Easy),
        "easy-sjbf" => ByArrival(BackfillKind.EasyShortestFirst),
        "conservative" => ByArrival(BackfillKind.Conservative),
        "default" => new(),
        _ => null,
    };

    private static SchedulingSettings ByArrival(BackfillKind kind) => new() { Order = new OrderSettings { Policy = QueuePolicy.Fifo }, Backfill = new BackfillSettings { Kind = kind } };
}
