using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Service;

namespace Orchestrator.Simulation.Tests;

/// <summary>Shows that the hunt finds: each of these bugs is planted by wrapping one part, and found within a bounded number of seeds by the invariant that it breaks.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 400;

    [Fact]
    public void Retention_that_deletes_the_newest_proven_checkpoint_is_found() => MustFind(new DeletesProven(), "invariant 6");

    [Fact]
    public void A_restore_that_does_not_compare_bytes_is_found() => MustFind(new TrustsBytes(), "invariant 5");

    private void MustFind(Parts planted, string by)
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        var found = Hunt.Find(planted, SeedsMax).ShouldNotBeNull($"{planted.GetType().Name} is not found in {SeedsMax} seeds");

        output.WriteLine(FormattableString.Invariant($"{began.Elapsed.TotalSeconds:0.0} s, {planted.GetType().Name}: seed {found.Seed}: {found.Why}"));
        found.Why.ShouldContain(by);
    }

    private sealed class DeletesProven : Parts
    {
        public override IReadOnlyList<string> Means => ["power", "agents"];

        public override SimulationState Step(SimulationState state, SimulationInput input, DateTimeOffset now)
        {
            var after = base.Step(state, input, now);
            for (var i = 0; i < after.Stages.Length && !ReferenceEquals(after, state); i++)
            {
                var stage = after.Stages[i];
                if (stage.Checkpoints.LastOrDefault(static record => record.Status == CheckpointStatus.Proven) is { } proven && stage.Live?.Restored != proven.Name
                    && stage.Live?.Restore.Contains(proven.Name) != true)
                {
                    after = after with
                    {
                        Version = after.Version + 1,
                        Deletions = after.Deletions.Add(proven),
                        Stages = after.Stages.SetItem(i, stage with { Checkpoints = stage.Checkpoints.Remove(proven) }),
                    };
                }
            }

            return after;
        }
    }

    private sealed class TrustsBytes : Parts
    {
        public override IReadOnlyList<string> Means => ["rot", "power"];

        public override bool ComparesBytes(CheckpointRecord checkpoint) => false;
    }
}
