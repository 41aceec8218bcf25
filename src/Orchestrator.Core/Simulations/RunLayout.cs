using System.Globalization;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Simulations;

/// <summary>
/// Where the files of runs lie, relative to the data directory, which all nodes of a cluster see. Every epoch has directories of its own, so that an attempt that was
/// given up and still writes reaches nobody (invariant 2).
/// </summary>
public static class RunLayout
{
    /// <summary>What belongs to one attempt: <c>runs/SIMULATION/STAGE/eEPOCH</c>.</summary>
    public static string AttemptDirectory(AttemptId attempt) =>
        string.Create(CultureInfo.InvariantCulture, $"runs/{attempt.Simulation}/{attempt.Stage}/e{attempt.Epoch}");

    /// <summary>The working directory of the program, ORCHESTRATOR_RUN_DIR.</summary>
    public static string RunDirectory(AttemptId attempt) => $"{AttemptDirectory(attempt)}/run";

    /// <summary>ORCHESTRATOR_CHECKPOINT_DIR of the attempt.</summary>
    public static string CheckpointDirectory(AttemptId attempt) => $"{AttemptDirectory(attempt)}/checkpoints";

    public static string StandardOutput(AttemptId attempt) => $"{AttemptDirectory(attempt)}/stdout";

    public static string StandardError(AttemptId attempt) => $"{AttemptDirectory(attempt)}/stderr";

    /// <summary>The published outputs of a stage: <c>results/SIMULATION/STAGE</c>.</summary>
    public static string ResultsDirectory(SimulationId simulation, string stage) => $"results/{simulation}/{stage}";
}
