using System.Collections.Immutable;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Tests.Reports;

/// <summary>A campaign of which one attempt was lost with node-3 and went on elsewhere; with names that every format has to escape.</summary>
internal static class SampleRun
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly SimulationId Id = new("s-co2-4xCO2-2");

    public static RunRecord Create() => new()
    {
        Title = "co2 <4x> & \"more\" | all",
        WrittenAt = Start.AddSeconds(90),
        Simulations =
        [
            new()
            {
                Id = Id,
                Name = "co2/4xCO2/2",
                Status = SimulationStatus.Completed,
                SubmittedAt = Start,
                StartedAt = Start.AddSeconds(1),
                EndedAt = Start.AddSeconds(60),
                Stages =
                [
                    new() { Name = "spin-up", Status = StageStatus.Completed, Attempts = 1 },
                    new()
                    {
                        Name = "coupled",
                        Status = StageStatus.Completed,
                        After = [new() { Stage = "spin-up" }],
                        Attempts = 2,
                        CheckpointsMade = 9,
                        StepsAgain = 200,
                        RecentAttempts = [Attempt(1, "n-node-3", 11, 31, AttemptEnd.NodeLost), Attempt(2, "n-node-1", 34, 50, AttemptEnd.Completed)],
                    },
                ],
            },
            new() { Id = new("s-co2-control-1"), Name = "co2/control/1", Status = SimulationStatus.Failed, Reason = "Stage x failed: exit status 3 | <nothing> left.", SubmittedAt = Start, Stages = [new() { Name = "spin-up", Status = StageStatus.Failed }] },
        ],
        OlderAttempts = [Attempt(1, "n-node-3", 11, 31, AttemptEnd.NodeLost)],
        Events =
        [
            Event(EventKinds.CheckpointCommitted, 20, 1) with { Step = 1600, Checkpoint = "e1/step-00001600" },
            Event(EventKinds.StageProgressed, 29, 1) with { Step = 1800 },
            new() { Kind = EventKinds.NodeLost, At = Start.AddSeconds(31), Node = new NodeId("n-node-3"), NoticedAfter = TimeSpan.FromSeconds(2.1), Source = "n-node-3" },
            Event(EventKinds.AttemptEnded, 31, 1) with { End = "nodeLost", Node = new NodeId("n-node-3") },
            Event(EventKinds.StageStarted, 34, 2) with { Checkpoint = "e1/step-00001600", Node = new NodeId("n-node-1") },
        ],
        Scenarios =
        [
            new()
            {
                Definition = new() { Campaign = "co2", Metric = "tas_trend" },
                Variants =
                [
                    new() { Name = "4xCO2", Rank = 1, Members = [new(), new()], Metrics = Metrics(0.52) },
                    new() { Name = "control", Rank = 2, Members = [new()], Metrics = Metrics(0.01) },
                ],
            },
        ],
    };

    private static ImmutableSortedDictionary<string, MetricSummary> Metrics(double mean) =>
        ImmutableSortedDictionary<string, MetricSummary>.Empty.Add("tas_trend", new() { Count = 2, Mean = mean, StandardDeviation = 0.001 });

    private static AttemptView Attempt(int epoch, string node, int start, int end, AttemptEnd reason) => new()
    {
        Attempt = new(Id, "coupled", epoch),
        Nodes = [new(node)],
        StartedAt = Start.AddSeconds(start),
        EndedAt = Start.AddSeconds(end),
        End = reason,
        Use = new() { WallTime = TimeSpan.FromSeconds(end - start), CpuTime = TimeSpan.FromSeconds(1.5), CoreTime = TimeSpan.FromSeconds(end - start), PeakMemory = 1 << 20, BytesWritten = 4096 },
    };

    private static OrchestratorEvent Event(string kind, int second, int epoch) => new() { Kind = kind, At = Start.AddSeconds(second), Simulation = Id, Stage = "coupled", Epoch = epoch, Source = Id.Value };
}
