using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling.Matching;

namespace Orchestrator.Core.Scheduling.Energy;

/// <summary>What nodes draw and what that costs. Where a node has figures of its own they hold; else the usual ones of its class in the mode.</summary>
public static class EnergyWatts
{
    /// <summary>A node with the best rating draws so much less than one that is not rated, where only its class is known.</summary>
    private const double BestRatingSaves = 0.2;

    /// <summary>Watts of a node of a class at work; of an absent mode those of performance.</summary>
    public static double Usual(NodeClass nodeClass, EnergyMode mode) => (nodeClass, mode) switch
    {
        (NodeClass.Gpu, EnergyMode.Balanced) => 650,
        (NodeClass.Gpu, EnergyMode.Efficiency) => 500,
        (NodeClass.Gpu, EnergyMode.NightSavings) => 400,
        (NodeClass.Gpu, _) => 800,
        (NodeClass.Memory, EnergyMode.Balanced) => 400,
        (NodeClass.Memory, EnergyMode.Efficiency) => 300,
        (NodeClass.Memory, EnergyMode.NightSavings) => 250,
        (NodeClass.Memory, _) => 500,
        (_, EnergyMode.Balanced) => 300,
        (_, EnergyMode.Efficiency) => 250,
        (_, EnergyMode.NightSavings) => 200,
        _ => 400,
    };

    /// <summary>Watts of the node with all of it at work in the mode.</summary>
    public static double Busy(SchedulableNode node, EnergyMode mode)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Power is { Busy: > 0 } known)
        {
            return known.Busy;
        }

        var nodeClass = NodeKinds.ClassOf(node) is var named && named == NodeClass.General && !node.Gpus.IsEmpty ? NodeClass.Gpu : NodeKinds.ClassOf(node);
        return Usual(nodeClass, mode) * (1 - BestRatingSaves * Math.Clamp(node.Power?.Rating ?? 0, 0, 100) / 100);
    }

    /// <summary>Watts of a node that is on, with so much of its cores at work.</summary>
    /// <param name="power">Its figures.</param>
    /// <param name="busyPart">0 to 1.</param>
    public static double On(NodePower power, double busyPart)
    {
        ArgumentNullException.ThrowIfNull(power);
        return power.Idle + (power.Busy - power.Idle) * Math.Clamp(busyPart, 0, 1);
    }

    /// <summary>
    /// Joules that a share of a node has to answer for: its part of what the idle node draws anyway, and all that its cores add; one that keeps others away answers for the whole idle
    /// node.
    /// </summary>
    public static double Joules(NodeShare share, SchedulableNode node, TimeSpan duration, EnergyMode mode = EnergyMode.Absent)
    {
        ArgumentNullException.ThrowIfNull(share);
        ArgumentNullException.ThrowIfNull(node);
        var part = node.Cores <= 0 ? 1 : Math.Min(1, (double)share.Cores.Length / node.Cores);
        var busy = Busy(node, mode);
        var idle = Math.Min(node.Power?.Idle ?? 0, busy);
        return duration.TotalSeconds * (idle * (share.Exclusive ? 1 : part) + (busy - idle) * part);
    }

    /// <summary>The cost of so many watts from a moment on, over every change of price in that time, in the currency of the calendar.</summary>
    public static double Cost(double watts, DateTimeOffset start, TimeSpan duration, EnergyCalendar calendar)
    {
        ArgumentNullException.ThrowIfNull(calendar);
        return watts / 1000 * calendar.Cost(start, duration);
    }

    /// <summary>The part, 0 to 1, of what the nodes draw at work in performance mode that another mode saves, as far as only their classes tell; 0 without nodes.</summary>
    public static double Savings(IEnumerable<SchedulableNode> nodes, EnergyMode mode)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        double full = 0, reduced = 0;
        foreach (var node in nodes)
        {
            full += Busy(node, EnergyMode.Performance);
            reduced += Busy(node, mode);
        }

        return full > 0 ? 1 - reduced / full : 0;
    }
}
