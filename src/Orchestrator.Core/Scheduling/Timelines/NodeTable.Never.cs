namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>Whether a shape fits these nodes at all.</summary>
internal sealed partial class NodeTable
{
    /// <summary>Why no state of these nodes could let it start; null: some could.</summary>
    private WaitReason? Never(Shape shape)
    {
        var needed = shape.Nodes;
        if (!shape.IsValid)
        {
            return new() { Constraint = PlacementConstraint.ValidRequest, NodesNeeded = needed };
        }

        if (slots.Length < needed)
        {
            return new() { Constraint = PlacementConstraint.NodeCount, NodesNeeded = needed, NodesLeft = slots.Length };
        }

        Array.Clear(refused);
        foreach (var kind in kindList)
        {
            refused[(int)shape.Refusals[kind.Index]] += kind.Count;
        }

        refused[0] = 0;
        if (Binding(needed, PlacementConstraint.Site) is (var constraint, var left))
        {
            return new() { Constraint = constraint, NodesNeeded = needed, NodesLeft = left };
        }

        foreach (var (name, wanted) in shape.Licences)
        {
            if (context.Licences.GetValueOrDefault(name) < wanted)
            {
                return new() { Constraint = PlacementConstraint.Site, NodesNeeded = needed, For = name };
            }
        }

        if (shape.Wanted.Within is { } level)
        {
            var most = MostTogetherEver(level, shape);
            if (most < needed)
            {
                return new() { Constraint = PlacementConstraint.Site, NodesNeeded = needed, NodesLeft = most, For = level };
            }
        }

        return null;
    }
}
