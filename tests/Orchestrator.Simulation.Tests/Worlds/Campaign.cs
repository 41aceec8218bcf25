using System.Collections.Immutable;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;
using Orchestrator.Simulation.Tests.Nodes;

namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>Work by chance: graphs of one to four stages, and what their programs do.</summary>
internal static class Campaign
{
    public static (SimulationDefinition Definition, Behaviour[] Programs) Make(Dice dice, int number, ClusterId cluster, int coresMax, int nodes)
    {
        var count = dice.Between(1, 4);
        var stages = ImmutableArray.CreateBuilder<StageDefinition>();
        var programs = new Behaviour[count];
        for (var i = 0; i < count; i++)
        {
            programs[i] = MakeProgram(dice);
            stages.Add(MakeStage(dice, i, programs[i], coresMax, nodes));
        }

        return (new()
        {
            Id = new(FormattableString.Invariant($"s-{number}")),
            Name = FormattableString.Invariant($"simulation {number}"),
            Campaign = "chance",
            Owner = new() { Institution = "climate", Project = "attribution", User = "ada" },
            Cluster = cluster,
            Priority = (PriorityClass)dice.Between(1, 5),
            Protected = dice.Chance(0.15),
            Stages = stages.ToImmutable(),
        }, programs);
    }

    private static Behaviour MakeProgram(Dice dice)
    {
        var deaf = dice.Chance(0.1);
        return new()
        {
            Steps = dice.Between(4, 40),
            StepTime = TimeSpan.FromSeconds(dice.Between(1, 8)),
            CheckpointEvery = deaf || dice.Chance(0.5) ? dice.Between(1, 8) : 0,
            IsDeaf = deaf,
            FailsUpTo = dice.Chance(0.4) ? dice.Between(1, 4) : 0,
            FailsOneIn = dice.Between(3, 40),
            FailsWith = dice.Below(6) switch { 0 => null, 1 => 3, 2 => 4, 3 => 5, 4 => 85, _ => 1 },
            FailsAtStep = dice.Chance(0.06) ? dice.Between(1, 20) : 0,
            StallsAtStep = dice.Chance(0.1) ? dice.Between(1, 20) : 0,
        };
    }

    private static StageDefinition MakeStage(Dice dice, int i, Behaviour program, int coresMax, int nodes)
    {
        var after = Enumerable.Range(0, i).Where(_ => dice.Chance(0.4)).Select(place => new Dependency
        {
            Stage = FormattableString.Invariant($"stage-{place}"),
            Condition = dice.Chance(0.7) ? DependencyCondition.Success : (DependencyCondition)dice.Between(2, 4),
            Progress = 0.5,
        }).ToImmutableArray();
        return new()
        {
            Name = FormattableString.Invariant($"stage-{i}"),
            Run = "model",
            After = after,
            Outputs = ["out"],
            Resources = new() { Nodes = dice.Chance(0.25) ? dice.Between(1, Math.Min(3, nodes)) : 1, Threads = dice.Between(1, coresMax), Exclusive = dice.Chance(0.1) },
            EstimatedDuration = program.StepTime * program.Steps,
            Walltime = !program.IsDeaf && dice.Chance(0.2) ? TimeSpan.FromMinutes(dice.Between(2, 6)) : null,
            Grace = TimeSpan.FromSeconds(dice.Between(5, 30)),
            WritesSharedPaths = dice.Chance(0.2),
            StallAfter = program.StallsAtStep > 0 || dice.Chance(0.1) ? TimeSpan.FromSeconds(dice.Between(60, 180)) : null,
            Retry = new() { RetriesMax = dice.Between(0, 6), BackoffFirst = TimeSpan.FromSeconds(dice.Between(1, 10)), BackoffMax = TimeSpan.FromSeconds(60) },
            Checkpoint = new()
            {
                Every = dice.Chance(0.2) ? CheckpointTrigger.Program : dice.Chance(0.5) ? CheckpointTrigger.Periodic : CheckpointTrigger.Adaptive,
                Interval = TimeSpan.FromSeconds(dice.Between(10, 60)),
                MaxLoss = TimeSpan.FromSeconds(dice.Between(40, 120)),
                KeepRecent = dice.Between(2, 4),
            },
            OnExit = ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(3, ExitMeaning.SoftFail).Add(4, ExitMeaning.HardFail).Add(5, ExitMeaning.Retry),
        };
    }
}
