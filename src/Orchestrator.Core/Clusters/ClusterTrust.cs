using Orchestrator.Core.Failures;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Clusters;

/// <summary>
/// Which nodes get no new work though they are alive: those that say that they are degraded or quarantined, and those on which attempt after attempt failed. Never more than a quarter
/// of the nodes is kept from work so, the others' word against theirs: what holds for many is no fault of one.
/// </summary>
internal static class ClusterTrust
{
    private const int LeastPart = 4;

    /// <summary>Events of parts that fell silent together are held for the newest few.</summary>
    public const int TogetherMax = 8;

    /// <summary>Why it should be kept from work, as a sentence; null: nothing is against it.</summary>
    public static string? Doubt(ClusterNode node, DateTimeOffset now) => node.Inventory.Condition != NodeCondition.Sound
        ? node.Inventory.ConditionReason ?? node.Inventory.Condition.ToString()
        : node.Breaker.StateAt(now) == CircuitState.Open
            ? FormattableString.Invariant($"{node.Breaker.Failures} attempts in a row failed by its fault")
            : null;

    /// <summary>Changes what is withheld where that is due.</summary>
    public static void Review(ClusterDraft draft)
    {
        foreach (var node in draft.State.Nodes.Values.OrderBy(static node => node.Inventory.Id))
        {
            Review(draft, node);
        }
    }

    public static void Review(ClusterDraft draft, ClusterNode node)
    {
        var isDoubted = node.Inventory.Status == NodeStatus.Alive && Doubt(node, draft.Now) is not null;
        var withheld = isDoubted && MayWithhold(draft.State, node);
        if (withheld != node.IsWithheld)
        {
            draft.Add(new ClusterFact.NodeChanged { Inventory = node.Inventory, Withheld = withheld });
        }
    }

    private static bool MayWithhold(ClusterState state, ClusterNode node)
    {
        var (alive, withheld) = (0, 1);
        foreach (var other in state.Nodes.Values)
        {
            if (other.Inventory.Status == NodeStatus.Alive)
            {
                alive++;
                withheld += other.IsWithheld && other.Inventory.Id != node.Inventory.Id ? 1 : 0;
            }
        }

        return withheld * LeastPart <= alive;
    }
}
