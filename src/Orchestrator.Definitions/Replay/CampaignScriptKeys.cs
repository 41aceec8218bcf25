using System.Collections.Immutable;

namespace Orchestrator.Definitions.Replay;

/// <summary>Every key of the description of a replay, by the mapping it stands in.</summary>
internal static class CampaignScriptKeys
{
    public static readonly ImmutableArray<string> File =
    [
        "replay", "start", "duration", "seed", "policy", "plan_every", "detection", "machine", "windows", "storage", "campaigns", "simulations", "users", "expect",
    ];

    public static readonly ImmutableArray<string> Machine = ["name", "nodes", "cores", "memory", "kind", "features", "failures"];

    public static readonly ImmutableArray<string> Failures = ["mean_time_between", "shape", "repair", "fit"];

    public static readonly ImmutableArray<string> Repair = ["median", "sigma", "time"];

    public static readonly ImmutableArray<string> Fit = ["file", "system"];

    public static readonly ImmutableArray<string> Window = ["id", "severity", "at", "start", "duration", "nodes", "description"];

    public static readonly ImmutableArray<string> Spell = ["from", "until", "factor"];

    public static readonly ImmutableArray<string> Campaign = ["file", "copies", "submitted", "takes", "checkpoint_cost", "start_time"];

    public static readonly ImmutableArray<string> Simulation =
    [
        "name", "project", "count", "nodes", "cores", "duration", "takes", "class", "protected", "submitted", "checkpoint_cost", "max_loss", "start_time",
    ];

    public static readonly ImmutableArray<string> Users =
    [
        "name", "count", "load", "waiting", "class", "nodes", "cores", "time", "estimate_factor", "checkpoints", "checkpoint_cost", "start_time",
    ];

    public static readonly ImmutableArray<string> Expect = ["utilization", "loss", "recovery", "wait", "preemptions"];
}
