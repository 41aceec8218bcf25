namespace Orchestrator.Core.Scheduling.Timelines;

/// <summary>What is arranged for a node, compared by content, so that nodes with the same are told apart by nothing.</summary>
internal sealed class Arrangement(NodeBlock[] blocks, Occupant[] holds) : IEquatable<Arrangement>
{
    /// <summary>As most nodes have it.</summary>
    public static Arrangement Nothing { get; } = new([], []);

    /// <summary>By their beginning.</summary>
    public NodeBlock[] Blocks => blocks;

    /// <summary>By their beginning.</summary>
    public Occupant[] Holds => holds;

    public bool Equals(Arrangement? other)
    {
        if (other is null || Blocks.Length != other.Blocks.Length || Holds.Length != other.Holds.Length)
        {
            return false;
        }

        for (var at = 0; at < Blocks.Length; at++)
        {
            ref readonly var one = ref Blocks[at];
            ref readonly var same = ref other.Blocks[at];
            if (one.From != same.From || one.Until != same.Until || one.Constraint != same.Constraint || one.Soft != same.Soft || one.Source != same.Source)
            {
                return false;
            }
        }

        for (var at = 0; at < Holds.Length; at++)
        {
            ref readonly var one = ref Holds[at];
            ref readonly var same = ref other.Holds[at];
            if (one.From != same.From || one.Until != same.Until || one.Cores != same.Cores || one.Memory != same.Memory || one.Storage != same.Storage || one.Network != same.Network
                || one.Gpus != same.Gpus || one.Reservation != same.Reservation)
            {
                return false;
            }
        }

        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as Arrangement);

    public override int GetHashCode() =>
        Blocks.Length + Holds.Length == 0 ? 0 : HashCode.Combine(Blocks.Length, Holds.Length, Blocks.Length > 0 ? Blocks[0].From : 0, Blocks.Length > 0 ? Blocks[^1].Source : 0, Holds.Length > 0 ? Holds[0].From : 0);
}
