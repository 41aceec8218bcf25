using System.Collections;
using System.Globalization;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>The environment of a program: that of the agent without the outer job's, what the stage declares, and the protocol.</summary>
internal static class AttemptEnvironment
{
    public static Dictionary<string, string> Create(LaunchSpecification launch, NodeShare share, AttemptFiles files, CommandLine words, string? restoreDirectory, string helperDirectory, bool nodeHasGpus)
    {
        var environment = new Dictionary<string, string>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var name = (string)entry.Key;
            if (!IsScrubbed(name))
            {
                environment[name] = (string)entry.Value!;
            }
        }

        environment["OMP_NUM_THREADS"] = launch.Stage.Resources.Threads.ToString(CultureInfo.InvariantCulture);
        if (nodeHasGpus)
        {
            environment["CUDA_VISIBLE_DEVICES"] = string.Join(',', share.Gpus);
        }

        foreach (var (name, value) in launch.Stage.Environment)
        {
            environment[name] = words.Value(value);
        }

        environment["ORCHESTRATOR_RUN_DIR"] = files.Run;
        environment["ORCHESTRATOR_CHECKPOINT_DIR"] = files.Checkpoints;
        environment["ORCHESTRATOR_PROGRESS_FILE"] = files.Progress;
        environment["ORCHESTRATOR_CONTROL_FILE"] = files.Control;
        environment["ORCHESTRATOR_RESULTS_FILE"] = files.Results;
        foreach (var (name, value) in StageResultWords.Of(launch.Results))
        {
            environment[name] = value;
        }

        environment.Remove("ORCHESTRATOR_RESTORE_DIR");
        environment.Remove("ORCHESTRATOR_END_TIME");
        if (restoreDirectory is not null)
        {
            environment["ORCHESTRATOR_RESTORE_DIR"] = restoreDirectory;
        }

        if (launch.EndTime is { } end)
        {
            environment["ORCHESTRATOR_END_TIME"] = ControlFile.Time(end);
        }

        environment["PATH"] = $"{helperDirectory}:{environment.GetValueOrDefault("PATH") ?? "/usr/local/bin:/usr/bin:/bin"}";
        return environment;
    }

    public static bool IsScrubbed(string name) => OuterJob.Owns(name);
}
