using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;
using Orchestrator.Simulation.Tests.Service;

namespace Orchestrator.Simulation.Tests;

/// <summary>Shows that the hunt finds: each of these bugs is planted by wrapping one part, and found within a bounded number of seeds by the invariant that it breaks.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private const int SeedsMax = 400;

    [Fact]
    public void A_cluster_that_acts_before_it_stores_is_found() => MustFind(new ActsFirst(), "invariant");

    [Fact]
    public void Retention_that_deletes_the_newest_proven_checkpoint_is_found() => MustFind(new DeletesProven(), "invariant 6");

    [Fact]
    public void A_restore_that_does_not_compare_bytes_is_found() => MustFind(new TrustsBytes(), "invariant 5");

    [Fact]
    public void A_report_of_an_old_epoch_that_counts_is_found() => MustFind(new CountsOldReports(), "invariant");

    [Fact]
    public void Outputs_that_are_reported_before_they_are_durable_are_found() => MustFind(new LeavesOutputsUnsynced(), "its result is");

    [Fact]
    public void An_agent_that_says_goodbye_while_a_rank_runs_is_found() => MustFind(new ForgetsRanks(), "invariant");

    private void MustFind(Parts planted, string by)
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        var found = Hunt.Find(planted, SeedsMax).ShouldNotBeNull($"{planted.GetType().Name} is not found in {SeedsMax} seeds");

        output.WriteLine(FormattableString.Invariant($"{began.Elapsed.TotalSeconds:0.0} s, {planted.GetType().Name}: seed {found.Seed}: {found.Why}"));
        found.Why.ShouldContain(by);
    }

    private sealed class ActsFirst : Parts
    {
        public override IReadOnlyList<string> Means => ["silos", "moved grains", "crashes", "power"];

        public override bool ClusterStoresFirst => false;
    }

    private sealed class DeletesProven : Parts
    {
        public override IReadOnlyList<string> Means => ["power", "agents"];

        public override SimulationState Step(SimulationState state, SimulationInput input, DateTimeOffset now, DateTimeOffset watchedSince)
        {
            var after = base.Step(state, input, now, watchedSince);
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

    private sealed class CountsOldReports : Parts
    {
        public override IReadOnlyList<string> Means => ["cuts", "agents", "stopped agents", "stopped nodes"];

        public override ReportVerdict Judge(SimulationState state, AttemptReport report) => base.Judge(state, Newest(state, report));

        public override SimulationState Step(SimulationState state, SimulationInput input, DateTimeOffset now, DateTimeOffset watchedSince) =>
            base.Step(state, input is SimulationInput.Reported reported ? new SimulationInput.Reported(Newest(state, reported.Report)) : input, now, watchedSince);

        /// <summary>As if the newest attempt had said it, next.</summary>
        private static AttemptReport Newest(SimulationState state, AttemptReport report)
        {
            var i = state.IndexOf(report.Attempt.Stage);
            return i >= 0 && state.Stages[i].Live is { IsGranted: true } live && live.Epoch > report.Attempt.Epoch
                ? report with { Attempt = report.Attempt with { Epoch = live.Epoch }, Node = live.Shares[0].Node, Sequence = live.LastReport + 1 }
                : report;
        }
    }

    private sealed class LeavesOutputsUnsynced : Parts
    {
        public override IReadOnlyList<string> Means => ["power", "rack", "cuts"];

        public override bool SyncsOutputs => false;
    }

    private sealed class ForgetsRanks : Parts
    {
        public override IReadOnlyList<string> Means => ["goodbyes", "agents", "power"];

        public override bool LooksForRanks => false;
    }
}
