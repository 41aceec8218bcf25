using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>Absolute paths of what belongs to one attempt.</summary>
internal sealed class AttemptFiles(string dataDirectory, AttemptId attempt)
{
    public string Data => dataDirectory;

    public string Attempt { get; } = Path.Combine(dataDirectory, RunLayout.AttemptDirectory(attempt));

    public string Run { get; } = Path.Combine(dataDirectory, RunLayout.RunDirectory(attempt));

    public string Checkpoints { get; } = Path.Combine(dataDirectory, RunLayout.CheckpointDirectory(attempt));

    public string StandardOutput { get; } = Path.Combine(dataDirectory, RunLayout.StandardOutput(attempt));

    public string StandardError { get; } = Path.Combine(dataDirectory, RunLayout.StandardError(attempt));

    public string Progress => Path.Combine(Attempt, "progress.jsonl");

    public string Control => Path.Combine(Attempt, "control.jsonl");

    public string Exit => Path.Combine(Attempt, "exit");

    public string Specification => Path.Combine(Attempt, "spec.json");

    public string Results => Path.Combine(Attempt, "results.json");

    public string HostFile => Path.Combine(Attempt, "hostfile");

    public string VerifyLog => Path.Combine(Attempt, "verify.log");

    /// <summary>The name of the pid file of a start; each start has its own, so that a late one cannot pass for a later one.</summary>
    public static string PidFileName(int start) => start <= 1 ? "pid" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"pid.{start}");

    public string PidFile(int start) => Path.Combine(Attempt, PidFileName(start));
}
