using Microsoft.Extensions.Options;
using Orchestrator.Core.Simulations;
using Orchestrator.Grains.Nodes;

namespace Orchestrator.Grains.Simulations;

/// <summary>How simulations are driven.</summary>
public sealed class SimulationOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Simulations</c>.</summary>
    public const string Section = "Orchestrator:Simulations";

    /// <summary>An attempt that was asked to leave and is not reported as gone so long after its last moment loses its nodes. Default 30 s.</summary>
    public TimeSpan StopMargin { get; set; } = SimulationPolicy.Default.StopMargin;

    /// <summary>A live attempt is compared with its cluster at least so often, should a nudge be lost. Default 1 min.</summary>
    public TimeSpan LookEvery { get; set; } = SimulationPolicy.Default.LookEvery;

    /// <summary>What a checkpoint is taken to cost before the first was measured. Default 10 s.</summary>
    public TimeSpan CheckpointCostGuess { get; set; } = SimulationPolicy.Default.CheckpointCostGuess;

    /// <summary>Of one node, before failures are learned. Default 30 days; shorter makes checkpoints more frequent.</summary>
    public TimeSpan MeanTimeBetweenFailures { get; set; } = SimulationPolicy.Default.MeanTimeBetweenFailures;

    /// <summary>Something owed to a peer that takes longer is given up and tried again. Default 10 s.</summary>
    public TimeSpan EffectDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Checkpoints are timed so that the time in which the loss of a node goes unnoticed, which is that of nodes, fits into the largest loss.</summary>
    internal SimulationPolicy Policy(NodeOptions nodes) => new()
    {
        DetectionWindow = nodes.DetectionWindow,
        StopMargin = StopMargin,
        LookEvery = LookEvery,
        CheckpointCostGuess = CheckpointCostGuess,
        MeanTimeBetweenFailures = MeanTimeBetweenFailures,
    };
}

/// <summary>Refuses times that make no sense.</summary>
internal sealed class SimulationOptionsValidator : IValidateOptions<SimulationOptions>
{
    public ValidateOptionsResult Validate(string? name, SimulationOptions options)
    {
        List<string> wrong = [];
        Above(wrong, nameof(options.StopMargin), options.StopMargin);
        Above(wrong, nameof(options.LookEvery), options.LookEvery);
        Above(wrong, nameof(options.CheckpointCostGuess), options.CheckpointCostGuess);
        Above(wrong, nameof(options.MeanTimeBetweenFailures), options.MeanTimeBetweenFailures);
        Above(wrong, nameof(options.EffectDeadline), options.EffectDeadline);
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void Above(List<string> wrong, string option, TimeSpan value)
    {
        if (value <= TimeSpan.Zero)
        {
            wrong.Add($"{SimulationOptions.Section}:{option} is {value}; above 0 is allowed.");
        }
    }
}
