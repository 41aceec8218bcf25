using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Batch;

namespace Orchestrator.Pilot;

/// <summary>What a pilot is told.</summary>
internal sealed record PilotOptions
{
    /// <summary>What this machine gives.</summary>
    public TaskDemand Capacity { get; init; } = new(1);

    /// <summary>Other nodes, each with its cores: workers are started there.</summary>
    public IReadOnlyList<(string Name, int Cores)> OtherNodes { get; init; } = [];

    /// <summary>A shell line that starts what follows it on the node <c>{node}</c> with <c>{cores}</c>.</summary>
    public string Launcher { get; init; } = BatchJob.Ssh;

    /// <summary>A node whose worker says nothing for so long is lost.</summary>
    public TimeSpan NodeSilence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>This program, as words of a shell line.</summary>
    public string Program { get; init; } = "orchestrator";

    /// <summary>A file of tasks; null: those of the database.</summary>
    public string? TasksFile { get; init; }

    /// <summary>Where tasks have their folders. Made when it is not there; null: where the campaign had it before, else <c>pilot_runs</c>.</summary>
    public string? Workdir { get; init; }

    /// <summary>Where the campaign is kept; null: nowhere, it ends with the process.</summary>
    public string? Database { get; init; }

    /// <summary>Runs what a former pilot did not bring to its end.</summary>
    public bool Resume { get; init; }

    /// <summary>With <see cref="Resume"/>: tasks that failed are tried again from their first attempt.</summary>
    public bool RetryFailed { get; init; }

    /// <summary>At most so many tasks at once; null: as many as there are cores.</summary>
    public int? WorkersMax { get; init; }

    /// <summary>A shell line that gets each result and says which tasks come next; <c>-</c>: standard input and output of the pilot itself; null: none.</summary>
    public string? OnComplete { get; init; }

    /// <summary>The hook is started for each result, instead of once.</summary>
    public bool IsHookPerResult { get; init; }

    /// <summary>When the machine goes away; null: never.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Nothing is started, everything completes at once.</summary>
    public bool IsNull { get; init; }

    /// <summary>All output in few files; null: as the campaign had it before, else a folder for each task.</summary>
    public bool? IsPacked { get; init; }

    public bool IsPinned { get; init; } = true;

    /// <summary>Between asking a task to end and ending it.</summary>
    public TimeSpan KillAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long running tasks may go on when the pilot is asked to end.</summary>
    public TimeSpan StopAfter { get; init; } = TimeSpan.FromSeconds(10);

    public LineMode Lines { get; init; } = LineMode.Auto;
}
