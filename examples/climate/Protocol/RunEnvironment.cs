using System.Globalization;

namespace Climate.Protocol;

/// <summary>What the orchestrator says to a program by environment variables (docs/programs.md). All are optional; empty means unset.</summary>
internal sealed record RunEnvironment
{
    public string? RunDirectory { get; init; }

    public string? CheckpointDirectory { get; init; }

    public string? RestoreDirectory { get; init; }

    public string? ProgressFile { get; init; }

    public string? ControlFile { get; init; }

    public DateTimeOffset? EndTime { get; init; }

    public int Threads { get; init; } = 1;

    /// <exception cref="UsageException">A variable is set to something that it cannot be.</exception>
    public static RunEnvironment Read(Func<string, string?> variable)
    {
        string? Get(string name) => variable(name) is { Length: > 0 } value ? value : null;

        var end = Get("ORCHESTRATOR_END_TIME");
        DateTimeOffset? endTime = null;
        if (end is not null)
        {
            endTime = Time(end) ?? throw new UsageException($"ORCHESTRATOR_END_TIME is '{end}'; allowed is a time like 2026-01-01T00:00:00Z");
        }

        // OpenMP allows a list, one number per nesting level: the first is the outer level's.
        var threads = Get("OMP_NUM_THREADS")?.Split(',')[0].Trim();
        var count = 1;
        if (threads is not null && (!int.TryParse(threads, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > 1024))
        {
            throw new UsageException($"OMP_NUM_THREADS is '{threads}'; allowed is a number of threads from 1 to 1024");
        }

        return new RunEnvironment
        {
            RunDirectory = Get("ORCHESTRATOR_RUN_DIR"),
            CheckpointDirectory = Get("ORCHESTRATOR_CHECKPOINT_DIR"),
            RestoreDirectory = Get("ORCHESTRATOR_RESTORE_DIR"),
            ProgressFile = Get("ORCHESTRATOR_PROGRESS_FILE"),
            ControlFile = Get("ORCHESTRATOR_CONTROL_FILE"),
            EndTime = endTime,
            Threads = count,
        };
    }

    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;
}
