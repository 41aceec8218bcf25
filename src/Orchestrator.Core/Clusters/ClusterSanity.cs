namespace Orchestrator.Core.Clusters;

/// <summary>Names what must never be so of a cluster, counted anew without its own books.</summary>
public static class ClusterSanity
{
    /// <summary>Empty for a sane state. Nodes that came back smaller than their leases are not held against it.</summary>
    public static IReadOnlyList<string> Check(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var wrong = new List<string>();
        foreach (var (key, lease) in state.Leases)
        {
            CheckLease(state, key, lease, wrong);
        }

        foreach (var (key, queued) in state.Queue)
        {
            if (key != queued.Request.Attempt.ToString())
            {
                wrong.Add($"{queued.Request.Attempt} waits under the name {key}");
            }

            if (state.Leases.ContainsKey(key))
            {
                wrong.Add($"{key} waits and has a lease");
            }

            if (state.Epochs.GetValueOrDefault(ClusterFold.StageOf(queued.Request.Attempt))?.Epoch != queued.Request.Attempt.Epoch)
            {
                wrong.Add($"{key} waits and is not the newest epoch of its stage");
            }
        }

        foreach (var (key, node) in state.Nodes)
        {
            CheckNode(state, key, node, wrong);
        }

        if (state.Outbox.Where((told, at) => told.Sequence != state.EventSequence - state.Outbox.Length + 1 + at).Any())
        {
            wrong.Add("the outbox has gaps, or does not end with the newest event");
        }

        foreach (var (account, escrow) in state.Escrows)
        {
            escrow.SanityCheck();
            foreach (var (key, _) in escrow.Holds)
            {
                if (!(state.Leases.TryGetValue(key, out var lease) && lease.State == LeaseState.Granted))
                {
                    wrong.Add($"{key} holds a part of {account}'s budgets and no nodes");
                }
            }
        }

        foreach (var (set, uses) in state.Scenarios)
        {
            foreach (var (scenario, use) in uses.Scenarios)
            {
                if (!(use.Share is >= 0 and <= 1 && use.CoreSeconds >= 0 && use.Charged >= 0 && double.IsFinite(use.Pass) && use.Pass >= 0))
                {
                    wrong.Add($"scenario {scenario} of {set} has the share {use.Share}, {use.CoreSeconds} core-seconds and the pass {use.Pass}");
                }
            }
        }

        return wrong;
    }

    private static void CheckLease(ClusterState state, string key, ClusterLease lease, List<string> wrong)
    {
        if (key != lease.Request.Attempt.ToString())
        {
            wrong.Add($"the lease of {lease.Request.Attempt} is kept under the name {key}");
        }

        if (lease.Shares.Length != lease.Request.Resources.Nodes || lease.Shares.Select(static share => share.Node).Distinct().Count() != lease.Shares.Length)
        {
            wrong.Add($"{key} has {lease.Shares.Length} of {lease.Request.Resources.Nodes} nodes");
        }

        if (lease.State != LeaseState.Unknown && state.Epochs.GetValueOrDefault(ClusterFold.StageOf(lease.Request.Attempt))?.Epoch != lease.Request.Attempt.Epoch)
        {
            wrong.Add($"{key} holds nodes and is not the newest epoch of its stage");
        }

        if (lease.State == LeaseState.Granted != (lease.EndVersion == 0) || lease.State == LeaseState.Granted && !lease.Vacated.IsEmpty)
        {
            wrong.Add($"{key} is {lease.State} but ended at {lease.EndVersion} with {lease.Vacated.Length} nodes free");
        }

        foreach (var share in lease.Shares.Where(share => ClusterPlanning.Occupies(lease, share)))
        {
            if (!(state.Nodes.TryGetValue(share.Node.Value, out var node) && node.Occupants.Contains(key)))
            {
                wrong.Add($"{share.Node} does not know that {key} has a share of it");
            }
            else if (lease.State == LeaseState.Granted && !ClusterMachine.WantedOf(state, share.Node).Any(wanted => wanted.Attempt == lease.Request.Attempt))
            {
                wrong.Add($"{key} is not wanted on {share.Node}");
            }
        }
    }

    private static void CheckNode(ClusterState state, string key, ClusterNode node, List<string> wrong)
    {
        var shares = new List<Scheduling.NodeShare>();
        foreach (var occupant in node.Occupants)
        {
            if (state.Leases.TryGetValue(occupant, out var lease) && lease.Shares.FirstOrDefault(share => share.Node == node.Inventory.Id) is { } share && ClusterPlanning.Occupies(lease, share))
            {
                shares.Add(share);
            }
            else
            {
                wrong.Add($"{key} is occupied by {occupant}, which has no share of it");
            }
        }

        if (shares.Sum(static share => share.Memory) > node.Inventory.Capabilities.Memory)
        {
            wrong.Add($"{key} has given away more memory than it has");
        }

        if (shares.SelectMany(static share => share.Cores).GroupBy(static core => core).Any(core => core.Count() > 1 || core.Key < 0 || core.Key >= node.Inventory.Capabilities.Cores))
        {
            wrong.Add($"{key} has given away a core twice, or one that it has not");
        }

        var gpus = shares.SelectMany(static share => share.Gpus.Select(gpu => (Number: gpu, share.GpuThousandths))).GroupBy(static part => part.Number, static part => part.GpuThousandths);
        if (gpus.Any(gpu => gpu.Sum() > 1000 || gpu.Key < 0 || gpu.Key >= node.Inventory.Capabilities.Gpus.Length))
        {
            wrong.Add($"{key} has given away more of a GPU than there is, or one that it has not");
        }

        if (shares.Exists(static share => share.Storage > 0) && shares.Sum(static share => share.Storage) > node.Inventory.Capabilities.Storage)
        {
            wrong.Add($"{key} has given away more storage than it has");
        }

        if (shares.Count > 1 && shares.Exists(static share => share.Exclusive))
        {
            wrong.Add($"{key} is shared although one has it alone");
        }
    }
}
