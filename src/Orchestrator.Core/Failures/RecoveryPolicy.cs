using System.Collections.Immutable;

namespace Orchestrator.Core.Failures;

/// <summary>What is done after failures of a stage, beside how often and how soon (<see cref="Workflows.RetryPolicy"/>).</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.recovery-policy")]
public sealed record RecoveryPolicy
{
    public static RecoveryPolicy Default { get; } = new();

    /// <summary>Strategies by kind, for kinds that are treated otherwise than <see cref="FailureKinds.StrategiesOf"/> says.</summary>
    [Id(0)] public ImmutableArray<RecoveryRule> Rules { get; init; } = [];

    /// <summary>With <see cref="RecoveryStrategy.Reconfigure"/> after memory ran out: the next try gets so many times the memory; above 1.</summary>
    [Id(1)] public double MemoryFactor { get; init; } = 1.5;

    /// <summary>No try gets more memory than this on a node, in bytes; 0: four times what was asked for.</summary>
    [Id(2)] public long MemoryMax { get; init; }

    /// <summary>With <see cref="RecoveryStrategy.Reconfigure"/>: added to the environment of the next tries.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, string> Environment { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The longest time that programs of the stage may run in all, work that is done again included; null: no limit.</summary>
    [Id(4)] public TimeSpan? TimeLimit { get; init; }

    /// <summary>How often in a row the stage is tried again after failures of its surroundings (storage, network, nodes), 0 to 1000.</summary>
    [Id(5)] public int WaitsMax { get; init; } = 20;

    /// <summary>The strategies for a kind, in order; at least one.</summary>
    public ImmutableArray<RecoveryStrategy> StrategiesOf(FailureKind kind)
    {
        foreach (var rule in Rules)
        {
            if (rule.Kind == kind && !rule.Strategies.IsEmpty)
            {
                return rule.Strategies;
            }
        }

        return FailureKinds.StrategiesOf(kind);
    }

    /// <summary>By content, lists too.</summary>
    public bool Equals(RecoveryPolicy? other) => other is not null && Rules.SequenceEqual(other.Rules) && MemoryFactor == other.MemoryFactor && MemoryMax == other.MemoryMax
        && Environment.SequenceEqual(other.Environment) && TimeLimit == other.TimeLimit && WaitsMax == other.WaitsMax;

    public override int GetHashCode() => HashCode.Combine(Rules.Length, MemoryFactor, MemoryMax, Environment.Count, TimeLimit, WaitsMax);
}

/// <summary>What is done after one kind of failure.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.recovery-rule")]
public sealed record RecoveryRule
{
    [Id(0)] public FailureKind Kind { get; init; }

    /// <summary>In order; each is tried once before the first comes again.</summary>
    [Id(1)] public ImmutableArray<RecoveryStrategy> Strategies { get; init; } = [];

    /// <summary>By content.</summary>
    public bool Equals(RecoveryRule? other) => other is not null && Kind == other.Kind && Strategies.SequenceEqual(other.Strategies);

    public override int GetHashCode() => HashCode.Combine(Kind, Strategies.Length);
}
