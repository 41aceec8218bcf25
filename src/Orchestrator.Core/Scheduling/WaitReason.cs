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

    /// <summary>When it starts by the plan, if everybody runs as long as estimated; null: the plan kept nothing for it.</summary>
    [Id(3)] public DateTimeOffset? PlannedStart { get; init; }

    /// <summary>How many were considered before it.</summary>
    [Id(4)] public int Ahead { get; init; }

    /// <summary>Who or what it waits for, where one can be named: an attempt, a window, a reservation, an account, a licence, a budget's unit; null: nobody in particular.</summary>
    [Id(5)] public string? For { get; init; }

    /// <summary>It named the reservation <see cref="For"/>, and waits for that to begin, or for room inside of it.</summary>
    [Id(6)] public bool Inside { get; init; }

    /// <summary>With <see cref="Inside"/>: the reservation is not in force before; null: it is in force.</summary>
    [Id(7)] public DateTimeOffset? OpensAt { get; init; }

    /// <summary>Not even if all nodes were empty: other nodes, or another request, are needed.</summary>
    public bool NeverFits => Constraint is >= PlacementConstraint.ValidRequest and <= PlacementConstraint.Site;

    /// <summary>It waits for other attempts to end.</summary>
    public bool NotEnoughFreeNow => Constraint is >= PlacementConstraint.Exclusivity and <= PlacementConstraint.NotAhead;

    /// <summary>It would, or might, outlast the allocation of too many nodes.</summary>
    public bool OutlastsAllocation => Constraint == PlacementConstraint.AllocationEnd;

    public override string ToString() => Constraint == PlacementConstraint.ValidRequest
        ? "never fits: the request is malformed"
        : OpensAt is { } opens ? string.Create(CultureInfo.InvariantCulture, $"its reservation is not in force before {opens:u}")
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
        PlacementConstraint.Features => "never fits, too few nodes have the features",
        PlacementConstraint.Storage => "never fits, too few nodes have the storage or network",
        PlacementConstraint.Site => "never fits, the site has too few licences, or no part of its topology the nodes",
        PlacementConstraint.Maintenance => "would run into maintenance",
        PlacementConstraint.Reserved when Inside => "too few nodes that are free inside of its reservation",
        PlacementConstraint.Reserved => "too few nodes that are not reserved for others",
        PlacementConstraint.Power => "too few nodes have power",
        PlacementConstraint.FreeStorage => "not enough storage or network free now",
        PlacementConstraint.FreeLicences => "not enough licences free now",
        PlacementConstraint.Together => "not enough free nodes together",
        PlacementConstraint.NotAhead => "would delay those ahead of it",
        PlacementConstraint.Share => "its account has its share",
        PlacementConstraint.Budget => "its budget does not cover it",
        PlacementConstraint.Concurrency => "as many run as may at once",
        PlacementConstraint.Hook => "the site's hook keeps it back",
        PlacementConstraint.Energy => "put off to cheaper energy",
        PlacementConstraint.NotHeld => "held",
        PlacementConstraint.Depth => "too far back in the queue for this plan",
        _ => "no reason",
    };
}
