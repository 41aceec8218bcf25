using System.Collections.Immutable;

namespace Orchestrator.Definitions;

/// <summary>Every key that is read, by the mapping it stands in. The JSON Schema of the campaign file names the same ones.</summary>
internal static class CampaignKeys
{
    public static readonly ImmutableArray<string> File = ["name", "project", "priority", "protected", "deadline", "reservation", "labels", "defaults", "scenarios", "matrix", "dates", "members", "stages", "compare"];

    /// <summary>Of a stage and of the defaults.</summary>
    public static readonly ImmutableArray<string> Shared =
    [
        "nodes", "ranks_per_node", "threads", "memory", "gpus", "gpu_model", "gpu_memory", "gpu_share", "gpu_capability", "storage", "network", "features", "data", "licences", "within", "exclusive",
        "keep_runs", "keep_logs", "on_excess", "energy_intensive", "job_type", "walltime", "duration", "checkpoint", "preview", "signals", "on_exit", "retries", "env", "grace",
        "stall_after", "recovery", "writes_shared_paths",
    ];

    public static readonly ImmutableArray<string> Stage = ["run", "restart", "after", "outputs", "appends", "kind", "join", "trigger", "repeat", "chunks", "sweep", "tasks", .. Shared];

    /// <summary>Of an entry of the tasks of a stage, but for its command and its name.</summary>
    public static readonly ImmutableArray<string> OneTask = ["count", "range", "cores", "gpus", "memory", "timeout", "max_retries", "priority", "env", "workdir"];

    public static readonly ImmutableArray<string> Tasks = ["run", "list", "file", "workers", "max_failures", .. OneTask];

    public static readonly ImmutableArray<string> ListedTask = ["id", "command", .. OneTask];

    /// <summary>Of a dependency.</summary>
    public static readonly ImmutableArray<string> After = ["on", "progress", "artifact", "delay", "approval", "when", "kind", "same"];

    public static readonly ImmutableArray<string> Trigger = ["at", "delay", "approval", "artifact", "when"];

    public static readonly ImmutableArray<string> Repeat = ["times", "until"];

    /// <summary>Of a file of stages that are added to a simulation.</summary>
    public static readonly ImmutableArray<string> Addition = ["key", "defaults", "stages", "edges"];

    public static readonly ImmutableArray<string> Checkpoint = 
    [
        "level", "every", "interval", "progress", "on", "max_loss", "overhead", "smaller", "files", "complete_when", "verify", "read_back", "store", "keep",
    ];

    public static readonly ImmutableArray<string> Preview = ["enabled", "every", "levels", "overhead"];

    public static readonly ImmutableArray<string> Keep = ["recent", "daily", "weekly", "monthly", "every", "size"];

    public static readonly ImmutableArray<string> CompleteWhen = ["count", "pattern", "in"];

    public static readonly ImmutableArray<string> Recovery = ["on", "backoff", "backoff_max", "waits", "time_limit", "memory", "memory_max", "env"];

    public static readonly ImmutableArray<string> Signals = ["checkpoint", "target"];

    public static readonly ImmutableArray<string> Compare = ["objective", "metrics", "objectives", "steering", "floor", "strategy", "interval", "minimum_change", "maximum_shift", "priorities"];

    public static readonly ImmutableArray<string> Objective = ["metric", "direction", "target"];

    /// <summary>Of a question of the research.</summary>
    public static readonly ImmutableArray<string> ResearchObjective = ["name", "importance", "metrics"];

    public static readonly ImmutableArray<string> ComparedMetric = ["direction", "target", "weight", "confidence"];
}
