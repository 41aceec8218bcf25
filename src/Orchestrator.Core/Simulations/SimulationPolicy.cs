namespace Orchestrator.Core.Simulations;

/// <summary>What a deployment decides for all its simulations.</summary>
public sealed record SimulationPolicy
{
    public static SimulationPolicy Default { get; } = new();

    /// <summary>
    /// Since when the simulation is watched, of one activation and never stored: what happened before is still on its way, in the spools of agents. Nobody is late before somebody looked.
    /// </summary>
    public DateTimeOffset WatchedSince { get; init; }

    /// <summary>How long it takes at most until the loss of a node is noticed.</summary>
    public TimeSpan DetectionWindow { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>An attempt that was asked to leave and has not been reported as gone so long after its last moment loses its lease.</summary>
    public TimeSpan StopMargin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A live attempt is compared with its cluster at least so often.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What a checkpoint is taken to cost before the first one of a stage was measured.</summary>
    public TimeSpan CheckpointCostGuess { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Of one node, before failures are learned.</summary>
    public TimeSpan MeanTimeBetweenFailures { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Stages of one simulation at most, added ones included.</summary>
    public int StagesMax { get; init; } = 2000;

    /// <summary>Stages that one stage may add while it runs.</summary>
    public int StagesAddedByOneMax { get; init; } = 500;

    /// <summary>Stages that a stage and all that it added may add together.</summary>
    public int StagesOfFamilyMax { get; init; } = 1000;

    /// <summary>Dependencies of all its stages at most, added ones included.</summary>
    public int EdgesMax { get; init; } = 20_000;

    /// <summary>Additions to one simulation at most: each keeps its key.</summary>
    public int AdditionsMax { get; init; } = 5_000;

    /// <summary>Bytes of the definition as JSON at most, what was added included.</summary>
    public int DefinitionBytesMax { get; init; } = 4 * 1024 * 1024;

    /// <summary>Added stages add stages, which add stages: so deep.</summary>
    public int GenerationsMax { get; init; } = 100;

    /// <summary>Shortest interval between two checkpoint orders that are timed adaptively.</summary>
    public TimeSpan CheckpointIntervalMin { get; init; } = TimeSpan.FromSeconds(1);
}
