using System.Collections.Immutable;

namespace Orchestrator.Core.Nodes;

/// <summary>Variables by which an outer batch job or launcher makes an MPI library take the outer allocation for its own, and ours: no program inherits them.</summary>
public static class OuterJob
{
    private static readonly ImmutableArray<string> Prefixes =
    [
        "SLURM_", "SLURMD_", "SBATCH_", "SALLOC_", "SRUN_", "PBS_", "LSB_", "LSF_", "LS_JOB", "SGE_", "COBALT_", "FLUX_",
        "PMI_", "PMIX_", "PMI2_", "OMPI_", "PRTE_", "ORTE_", "OPAL_", "HYDRA_", "HYDI_", "MPI_LOCAL", "MPIEXEC_", "MPIRUN_", "I_MPI_", "MV2_COMM_", "ALPS_", "PALS_",
        "ORCHESTRATOR_",
    ];

    /// <summary>Whether a variable of this name is kept from programs.</summary>
    public static bool Owns(string variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        foreach (var prefix in Prefixes)
        {
            if (variable.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
