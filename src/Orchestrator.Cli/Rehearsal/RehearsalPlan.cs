using System.Collections.Immutable;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Rehearsal;

/// <summary>What is rehearsed: one simulation of a campaign, one stage of it with those it needs, small enough for this machine.</summary>
internal sealed record RehearsalPlan
{
    private static readonly TimeSpan GraceMax = TimeSpan.FromSeconds(15);

    /// <summary>As the campaign has it.</summary>
    public required StageDefinition Stage { get; init; }

    /// <summary>As it runs here, after the stages that it needs.</summary>
    public required ImmutableArray<StageDefinition> Stages { get; init; }

    /// <summary>The simulation that it is taken from.</summary>
    public required SimulationDefinition Original { get; init; }

    /// <summary>What is smaller than in the campaign; "": nothing.</summary>
    public required string Scaled { get; init; }

    public int Cores => Stages.Max(static stage => stage.Resources.CoresPerNode);

    public long Memory => Math.Max(1L << 30, Stages.Max(static stage => stage.Resources.MemoryPerNode));

    /// <param name="campaign">At least one simulation.</param>
    /// <param name="stage">The stage; null: the one that is estimated to take longest.</param>
    /// <exception cref="CommandException">There is no such stage.</exception>
    public static RehearsalPlan Of(Campaign campaign, string? stage)
    {
        var original = campaign.Simulations[0];
        var chosen = stage is null
            ? original.Stages.MaxBy(static one => one.EstimatedDuration)!
            : original.Stages.FirstOrDefault(one => one.Name == stage)
                ?? throw new CommandException($"there is no stage {stage}; the campaign has {string.Join(", ", original.Stages.Select(static one => one.Name))}", ExitCodes.Unreadable);
        var needed = new HashSet<string>(StringComparer.Ordinal) { chosen.Name };
        for (var grown = true; grown;)
        {
            grown = original.Stages.Where(one => needed.Contains(one.Name)).SelectMany(static one => one.After).ToArray().Aggregate(false, (any, edge) => needed.Add(edge.Stage) || any);
        }

        var resources = chosen.Resources;
        string[] smaller =
        [
            .. resources.Nodes > 1 ? [$"1 node instead of {resources.Nodes}"] : Array.Empty<string>(),
            .. resources.GpusPerNode > 0 ? ["no GPU"] : Array.Empty<string>(),
            .. campaign.Simulations.Length > 1 ? [$"1 simulation instead of {campaign.Simulations.Length}"] : Array.Empty<string>(),
        ];
        return new()
        {
            Stage = chosen,
            Original = original,
            Stages = [.. original.Stages.Where(one => needed.Contains(one.Name)).Select(Small)],
            Scaled = string.Join(", ", smaller),
        };
    }

    public SimulationDefinition Simulation(string name) => new()
    {
        Id = new SimulationId($"s-rehearsal-{name}"),
        Name = $"rehearsal-{name}",
        Campaign = "rehearsal",
        Owner = Original.Owner,
        Cluster = Original.Cluster,
        Stages = Stages,
    };

    private static StageDefinition Small(StageDefinition stage) => stage with
    {
        Resources = new() { RanksPerNode = stage.Resources.RanksPerNode, Threads = stage.Resources.Threads, MemoryPerNode = stage.Resources.MemoryPerNode },
        Walltime = null,
        StallAfter = null,
        Grace = stage.Grace < GraceMax ? stage.Grace : GraceMax,
        Retry = new() { RetriesMax = 3, BackoffFirst = TimeSpan.FromMilliseconds(200), BackoffMax = TimeSpan.FromSeconds(1) },
        // When checkpoints are made is what is rehearsed; all of them are kept, to be compared.
        Checkpoint = stage.Checkpoint with { Every = CheckpointTrigger.Program, KeepRecent = 1000, Retention = new() },
    };
}
