using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>All that a lead agent needs to start an attempt. Directories follow <see cref="RunLayout"/>.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.launch-specification")]
public sealed record LaunchSpecification
{
    public const int CurrentVersion = 1;

    [Id(0)] public int Version { get; init; } = CurrentVersion;

    [Id(1)] public AttemptId Attempt { get; init; }

    [Id(2)] public StageDefinition Stage { get; init; } = new();

    [Id(3)] public Ownership Owner { get; init; } = new();

    /// <summary>One for each node; the first is the lead's.</summary>
    [Id(4)] public ImmutableArray<NodeShare> Shares { get; init; } = [];

    /// <summary>Restorable checkpoints in the order in which they are to be tried; empty: start from the beginning.</summary>
    [Id(5)] public ImmutableArray<CheckpointRecord> Restore { get; init; } = [];

    /// <summary>Stages whose published outputs the commands may name, as <c>{stage.NAME}</c>.</summary>
    [Id(6)] public ImmutableArray<string> PublishedStages { get; init; } = [];

    /// <summary>When the segment must be gone: walltime or the end of the allocation. Null: no limit.</summary>
    [Id(7)] public DateTimeOffset? EndTime { get; init; }

    /// <summary>
    /// Above 0: start nothing; publish the outputs that lie in the run directory of this earlier epoch, whose agent was lost after its completion had been accepted.
    /// </summary>
    [Id(8)] public int PublishOnlyEpoch { get; init; }

    /// <summary>Running time of the stage over its earlier segments that the newest checkpoint carries.</summary>
    [Id(9)] public TimeSpan WorkBefore { get; init; }

    /// <summary>What the stages that it waited for came to, those behind barriers too; at most <see cref="ResultsMax"/>.</summary>
    [Id(20)] public ImmutableArray<StageOutcome> Results { get; init; } = [];

    public const int ResultsMax = 100;
}
