using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>The environment of a program: that of the agent without the outer job's, what the stage declares, and the protocol.</summary>
internal static class AttemptEnvironment
{
    /// <summary>What an outer batch job or launcher left, which would make an MPI library take the outer allocation for its own; and what is ours.</summary>
    private static readonly ImmutableArray<string> Scrubbed =
    [
        "SLURM_", "SLURMD_", "SBATCH_", "SALLOC_", "SRUN_", "PBS_", "LSB_", "LSF_", "LS_JOB", "SGE_", "COBALT_", "FLUX_",
        "PMI_", "PMIX_", "PMI2_", "OMPI_", "PRTE_", "ORTE_", "OPAL_", "HYDRA_", "HYDI_", "MPI_LOCAL", "MPIEXEC_", "MPIRUN_", "I_MPI_", "MV2_COMM_", "ALPS_", "PALS_",
        "ORCHESTRATOR_",
    ];

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

    public static bool IsScrubbed(string name) => Scrubbed.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
}
