using System.Collections;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Pilot;

/// <summary>What every task gets: the environment of the pilot without the outer job's, and what keeps an MPI run on the processors of its task.</summary>
internal static class TaskEnvironment
{
    /// <summary>
    /// Ranks are children of <c>mpirun</c> and inherit its processors, unless the library binds them itself, which it does from processor 0 on for each run anew.
    /// Names of Open MPI 4, then of 5; others do not bind, or keep to what they are given.
    /// </summary>
    private static readonly KeyValuePair<string, string>[] Mpi =
    [
        new("OMPI_MCA_hwloc_base_binding_policy", "none"), new("OMPI_MCA_rmaps_base_oversubscribe", "1"),
        new("PRTE_MCA_hwloc_default_binding_policy", "none"), new("PRTE_MCA_rmaps_default_mapping_policy", ":oversubscribe"),
    ];

    public static List<KeyValuePair<string, string>> Create()
    {
        var environment = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var name = (string)entry.Key;
            if (IsWanted(name))
            {
                environment.Add(new(name, (string)entry.Value!));
            }
        }

        environment.AddRange(Mpi);
        return environment;
    }

    /// <summary>As the pilot got it.</summary>
    public static List<KeyValuePair<string, string>> Whole() =>
        [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(static entry => new KeyValuePair<string, string>((string)entry.Key, (string)entry.Value!))];

    /// <summary>Whether root may use MPI is the user's wish, not the outer job's.</summary>
    private static bool IsWanted(string name) =>
        name.StartsWith("OMPI_ALLOW_RUN_AS_ROOT", StringComparison.Ordinal) || (!OuterJob.Owns(name) && !name.StartsWith("PILOT_TASK_", StringComparison.Ordinal) && name != "OMP_NUM_THREADS");
}
