using System.Collections.Immutable;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>Tells nodes apart by what they are made for.</summary>
public static class NodeKinds
{
    /// <summary>Bytes from which on a node without GPUs is one for much memory: 512 GB, of which firmware has taken its part.</summary>
    public const long MuchMemory = 512_000_000_000;

    /// <summary>By its kind or features, where they are one of the words "general", "hybrid", "gpu", "cpu" and "memory"; else by what it has.</summary>
    public static NodeClass ClassOf(SchedulableNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Named(node.Kind, node.Features) is var named and not NodeClass.Absent ? named : ByParts(node.Gpus.Length, node.Memory);
    }

    /// <inheritdoc cref="ClassOf(SchedulableNode)"/>
    public static NodeClass ClassOf(NodeCapabilities node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Named(node.Kind, node.Features) is var named and not NodeClass.Absent ? named : ByParts(node.Gpus.Length, node.Memory);
    }

    /// <summary>The kind under which speeds are learned: its own; without one the word for its class, for GPU nodes with the model ("gpu/A100"). Never "".</summary>
    public static string NameOf(SchedulableNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Kind.Length > 0 ? node.Kind : Name(ClassOf(node), node.Gpus.IsEmpty ? "" : node.Gpus[0].Model);
    }

    /// <inheritdoc cref="NameOf(SchedulableNode)"/>
    public static string NameOf(NodeCapabilities node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Kind.Length > 0 ? node.Kind : Name(ClassOf(node), node.Gpus.IsEmpty ? "" : node.Gpus[0].Model);
    }

    private static string Name(NodeClass nodeClass, string gpuModel) => nodeClass switch
    {
        NodeClass.Gpu => gpuModel.Length > 0 ? $"gpu/{gpuModel}" : "gpu",
        NodeClass.Memory => "memory",
        NodeClass.General => "general",
        _ => "cpu",
    };

    private static NodeClass Named(string kind, ImmutableArray<string> features)
    {
        if (kind.Length > 0 && Word(kind) is var byKind and not NodeClass.Absent)
        {
            return byKind;
        }

        foreach (var feature in features)
        {
            // Only the word that no part of a node could tell: "gpu" as a feature says what its GPUs say already.
            if (Word(feature) == NodeClass.General)
            {
                return NodeClass.General;
            }
        }

        return NodeClass.Absent;
    }

    private static NodeClass Word(string word) =>
        Is(word, "general") || Is(word, "hybrid") ? NodeClass.General
        : Is(word, "gpu") ? NodeClass.Gpu
        : Is(word, "memory") ? NodeClass.Memory
        : Is(word, "cpu") ? NodeClass.Cpu
        : NodeClass.Absent;

    private static bool Is(string word, string name) => word.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static NodeClass ByParts(int gpus, long memory) =>
        gpus > 0 ? NodeClass.Gpu
        : memory >= MuchMemory ? NodeClass.Memory
        : NodeClass.Cpu;
}
