using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Nodes;

/// <summary>What an agent holds of an attempt on its node.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.running-attempt")]
public sealed record RunningAttempt
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>Processes of it exist on this node.</summary>
    [Id(1)] public bool HasProcesses { get; init; }

    /// <summary>Use so far; null where nothing was measured.</summary>
    [Id(2)] public ResourceUse? Use { get; init; }

    /// <summary>How fast it gets on beside how it usually does on this node, 1: as ever; null: it does not say how far it is, or too little was seen.</summary>
    [Id(3)] public double? Pace { get; init; }
}
