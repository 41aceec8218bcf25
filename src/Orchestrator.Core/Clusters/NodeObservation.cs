using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Clusters;

/// <summary>A node as it was when the cluster pulled it.</summary>
public sealed record NodeObservation
{
    public required NodeInventory Inventory { get; init; }

    /// <summary>What its agent said it holds.</summary>
    public ImmutableArray<RunningAttempt> Running { get; init; } = [];

    /// <summary>The version of the wanted leases that its agent has carried out.</summary>
    public long WantedVersionDone { get; init; }

    /// <summary>The attempts that it knows as wanted.</summary>
    public ImmutableArray<AttemptId> Wanted { get; init; } = [];

    internal bool HasProcesses(AttemptId attempt)
    {
        foreach (var running in Running)
        {
            if (running.HasProcesses && running.Attempt == attempt)
            {
                return true;
            }
        }

        return false;
    }
}
