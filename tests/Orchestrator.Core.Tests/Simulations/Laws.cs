using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>What holds of every step, whatever led to it.</summary>
internal static class Laws
{
    public static void Check(SimulationState before, SimulationState after, SimulationInput input)
    {
        SimulationMachine.SanityCheck(after).ShouldBeEmpty($"after {input}");
        if (before.IsFinal && input is not SimulationInput.Steer)
        {
            // A terminal simulation is terminal (invariant 1), unless a person lets it go on.
            after.Status.ShouldBe(before.Status);
            after.Reason.ShouldBe(before.Reason);
        }

        after.EventSequence.ShouldBeGreaterThanOrEqualTo(before.EventSequence);
        after.Version.ShouldBeGreaterThanOrEqualTo(before.Version);
        for (var i = 0; i < before.Stages.Length; i++)
        {
            CheckStage(before.Stages[i], after.Stages[i], input);
        }
    }

    private static void CheckStage(StageState before, StageState after, SimulationInput input)
    {
        after.Epoch.ShouldBeGreaterThanOrEqualTo(before.Epoch, "an epoch only grows");
        if (before.IsFinal && input is not SimulationInput.Steer)
        {
            after.Status.ShouldBe(before.Status, "what has ended has ended");
            after.Epoch.ShouldBe(before.Epoch);
        }

        if (input is SimulationInput.Reported { Report: var report } && report.Attempt.Stage == before.Name && report.Attempt.Epoch != before.Epoch)
        {
            // Only the newest epoch counts (invariant 2).
            (after with { StaleEpochs = before.StaleEpochs }).ShouldBe(before);
        }

        if (before.Checkpoints.LastOrDefault(static record => record.Status == CheckpointStatus.Proven) is { } proven)
        {
            // Retention never deletes the newest proven one (invariant 6): it is there, found damaged, or a newer one is proven.
            after.Checkpoints.Any(record => record.Name == proven.Name || record.Status == CheckpointStatus.Proven).ShouldBeTrue($"{proven.Name} was deleted");
        }

        if (after.Live is { } live && (before.Live is null || before.Live.Epoch != live.Epoch))
        {
            if (live.PublishOnlyEpoch == 0 && !before.FromBeginning && after.Failure is null)
            {
                // The newest intact one (invariant 5).
                live.Restore.FirstOrDefault().ShouldBe(after.Checkpoints.LastOrDefault(record =>
                    record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven && !record.PassedOver && (after.RerunAfterEpoch == 0 || record.Attempt.Epoch > after.RerunAfterEpoch))?.Name);
            }

            live.Restore.ShouldAllBe(name => after.Checkpoints.Any(record => record.Name == name && (record.Status == CheckpointStatus.Intact || record.Status == CheckpointStatus.Proven)));
        }
    }
}
