using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Replay.Campaigns;

public sealed partial class CampaignReplay
{
    /// <summary>So many mean times between failures a node was in service before: with failures that grow rarer, a new one is not like an old one.</summary>
    private const int LivesBefore = 4;

    private readonly Dictionary<NodeId, int> numbers = [];
    private SchedulableNode[] nodes = [];
    private SeededRandom[] chances = [];
    private long[] repairedAt = [];

    private void LayOutNodes()
    {
        nodes = [.. script.Nodes.Select(static node => node.Node)];
        chances = new SeededRandom[nodes.Length];
        repairedAt = new long[nodes.Length];
        for (var number = 0; number < nodes.Length; number++)
        {
            numbers.Add(nodes[number].Id, number);
            workspace.SetNode(nodes[number]);
            chances[number] = new(script.Seed, "failures of node", number);
            if (script.Nodes[number].Failures is { } model)
            {
                var at = -LivesBefore * model.Between.Mean.Ticks;
                while (at < 0)
                {
                    at += model.Between.Draw(chances[number]).Ticks;
                    if (at < 0)
                    {
                        // One that is under repair at the beginning is taken to be back by then.
                        at = Math.Min(0, at + model.Repair.Draw(chances[number]).Ticks);
                    }
                }

                Add(at, HappeningKind.NodeFailed, number);
            }
        }
    }

    private void Failed(int number)
    {
        var model = script.Nodes[number].Failures!;
        var repair = model.Repair.Draw(chances[number]).Ticks;
        repairedAt[number] = Now + repair;
        tally.NodeFailures++;
        hours.SetDown(number, true, Now);
        Add(Now + repair, HappeningKind.NodeRepaired, number);
        Add(Now + script.Policy.DetectionWindow.Ticks, HappeningKind.LossNoticed, number);
        foreach (var work in OnNode(number))
        {
            Lose(work);
        }
    }

    /// <summary>The node was not heard of for a whole detection window: what ran there is lost, and waits for nodes again at once.</summary>
    private void Noticed(int number)
    {
        if (repairedAt[number] > Now)
        {
            SetNode(number, nodes[number] with { NotSeen = true });
        }

        foreach (var work in OnNode(number))
        {
            if (work.Phase == WorkPhase.Lost)
            {
                Recover(work);
            }
        }

        AskForPlan(Now);
    }

    private void Repaired(int number)
    {
        hours.SetDown(number, false, Now);
        if (nodes[number].NotSeen)
        {
            SetNode(number, nodes[number] with { NotSeen = false });
            AskForPlan(Now);
        }

        Add(Now + script.Nodes[number].Failures!.Between.Draw(chances[number]).Ticks, HappeningKind.NodeFailed, number);
    }

    private void SetNode(int number, SchedulableNode node)
    {
        nodes[number] = node;
        workspace.SetNode(node);
    }

    /// <summary>What holds a part of the node, in the order in which it came.</summary>
    private List<ReplayedWork> OnNode(int number)
    {
        var found = new List<ReplayedWork>();
        foreach (var work in running.Values)
        {
            if (Array.BinarySearch(work.Nodes, number) >= 0)
            {
                found.Add(work);
            }
        }

        found.Sort(static (left, right) => left.Index.CompareTo(right.Index));
        return found;
    }
}
