namespace Orchestrator.Core.Simulations;

/// <summary>Why an order about a whole simulation is not taken, in words of its own: the field and what is allowed (invariant 12).</summary>
internal static class OrderRefusals
{
    /// <param name="state">Of the simulation, which is there.</param>
    /// <param name="input">What <see cref="SimulationMachine.Allows"/> does not allow.</param>
    /// <param name="verb">How whoever asks calls it.</param>
    public static string Of(SimulationState state, SimulationInput input, string verb)
    {
        var status = SimulationDraft.Name(state.Status);
        return input switch
        {
            SimulationInput.Preview preview => string.Join(' ', SimulationMachine.PreviewRefusals(state, preview.Stage, preview.Level)),
            SimulationInput.ScheduleCheckpoint when !state.IsFinal => FormattableString.Invariant(
                $"at: {state.CheckpointsWanted.Length} checkpoints are wanted for later already; at most {SimulationState.CheckpointsWantedMax} are allowed, and 'none' takes all of them back."),
            SimulationInput.ChangeCheckpointPolicy { Stage: { } stage } when state.IndexOf(stage) < 0 => NoStage(state, stage),
            SimulationInput.ChangeCheckpointPolicy change when !state.IsFinal => string.Join(' ', SimulationRules.ProblemsOf(change.Policy).Select(static problem => $"policy.{problem}")),
            SimulationInput.CleanRuns { Stage: { } stage } when state.IndexOf(stage) < 0 => NoStage(state, stage),
            SimulationInput.ReportFailure report when state.IndexOf(report.Stage) < 0 => NoStage(state, report.Stage),
            SimulationInput.ReportFailure => "kind, text: what kind of failure it is, and what was seen, are needed.",
            SimulationInput.EndRecovery ending when state.IndexOf(ending.Stage) < 0 => NoStage(state, ending.Stage),
            SimulationInput.EndRecovery ending when !Recoveries.IsOpen(state, ending.Stage, ending.Number) => FormattableString.Invariant(
                $"No recovery in progress: there is no open failure {ending.Number} of {ending.Stage}."),
            SimulationInput.EndRecovery => "ending: succeeded, failed and cancelled are allowed.",
            SimulationInput.DeclareDead => $"{verb} is not possible: the simulation is {status}, and no stage of it waits for an attempt to be dead.",
            SimulationInput.Checkpoint => $"{verb} is not possible: the simulation is {status}, and nothing of it runs; of what runs later one can be asked for with a moment ('at').",
            _ => $"{verb} is not possible: the simulation is {status}.",
        };
    }

    private static string NoStage(SimulationState state, string stage) => $"stage: there is no stage '{stage}'; {string.Join(", ", state.Stages.Select(static known => known.Name))} are there.";
}
