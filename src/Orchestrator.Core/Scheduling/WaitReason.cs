using System.Globalization;

namespace Orchestrator.Core.Scheduling;

/// <summary>
/// Why an attempt waits: the binding constraint is the first, in the order of <see cref="PlacementConstraint"/>,
/// at which fewer nodes are left than the attempt needs.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.wait-reason")]
public sealed record WaitReason
{
    [Id(0)] public PlacementConstraint Constraint { get; init; }

    [Id(1)] public int NodesNeeded { get; init; }

    /// <summary>Nodes that satisfy the binding constraint and all before it; fewer than <see cref="NodesNeeded"/> if the request is valid.</summary>
    [Id(2)] public int NodesLeft { get; init; }

    /// <summary>Not even if all nodes were empty: other nodes, or another request, are needed.</summary>
    public bool NeverFits => Constraint is >= PlacementConstraint.ValidRequest and <= PlacementConstraint.User;

    /// <summary>It waits for other attempts to end.</summary>
    public bool NotEnoughFreeNow => Constraint >= PlacementConstraint.Exclusivity;

    /// <summary>It would, or might, outlast the allocation of too many nodes.</summary>
    public bool OutlastsAllocation => Constraint == PlacementConstraint.AllocationEnd;

    public override string ToString() => Constraint == PlacementConstraint.ValidRequest
        ? "never fits: the request is malformed"
        : string.Create(CultureInfo.InvariantCulture, $"{Words}: {NodesLeft} of {NodesNeeded} nodes");

    private string Words => Constraint switch
    {
        PlacementConstraint.NodeCount => "never fits, the cluster has too few nodes",
        PlacementConstraint.Cores => "never fits, too few nodes have the cores",
        PlacementConstraint.Memory => "never fits, too few nodes have the memory",
        PlacementConstraint.Gpus => "never fits, too few nodes have the GPUs",
        PlacementConstraint.User => "never fits, too few nodes take the user's work",
        PlacementConstraint.NotAvoided => "too few nodes that the attempt does not avoid",
        PlacementConstraint.NotDraining => "too few nodes that are not draining",
        PlacementConstraint.AllocationEnd => "would outlast the allocation",
        PlacementConstraint.Alive => "too few nodes that are seen alive",
        PlacementConstraint.Exclusivity => "too few nodes that nobody else uses now",
        PlacementConstraint.FreeCores => "not enough cores free now",
        PlacementConstraint.FreeMemory => "not enough memory free now",
        PlacementConstraint.FreeGpus => "not enough GPUs free now",
        _ => "no reason",
    };
}
