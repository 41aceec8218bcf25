using System.Globalization;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling;

/// <summary>Whether an empty node has what a request wants of each node.</summary>
internal static class NodeSuits
{
    public static bool Has(SchedulableNode node, ResourceRequest wanted)
    {
        if ((long)wanted.RanksPerNode * wanted.Threads > node.Cores || wanted.MemoryPerNode > node.Memory || wanted.StoragePerNode > node.Storage || wanted.NetworkPerNode > node.Network)
        {
            return false;
        }

        foreach (var feature in wanted.Features)
        {
            if (!node.Features.Contains(feature))
            {
                return false;
            }
        }

        if (wanted.GpusPerNode == 0)
        {
            return true;
        }

        var gpus = 0;
        foreach (var gpu in node.Gpus)
        {
            gpus += Suits(gpu, wanted) ? 1 : 0;
        }

        return gpus >= wanted.GpusPerNode;
    }

    public static bool Suits(SchedulableGpu gpu, ResourceRequest wanted) =>
        GpuSuits.HasMemory(gpu.Memory, wanted.GpuMemory) && (wanted.GpuModel is null || GpuSuits.IsModel(gpu.Model, wanted.GpuModel))
        && (wanted.GpuComputeCapability is null || Version(gpu.ComputeCapability) >= Version(wanted.GpuComputeCapability));

    /// <summary>The request reads data, and the node holds all of it.</summary>
    public static bool HoldsData(SchedulableNode node, PendingRequest request)
    {
        foreach (var name in request.Data)
        {
            if (!node.Holds.Contains(name))
            {
                return false;
            }
        }

        return !request.Data.IsEmpty;
    }

    /// <summary>The part of the topology in which the node stands on a level ("rack=r7"); null: none is known.</summary>
    public static string? PartOf(SchedulableNode node, string level)
    {
        foreach (var part in node.Topology)
        {
            if (part.Length > level.Length && part[level.Length] == '=' && part.StartsWith(level, StringComparison.Ordinal))
            {
                return part;
            }
        }

        return null;
    }

    /// <summary>"8.6" as 8,006, so that "8.10" is above it; -1: not known.</summary>
    private static int Version(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var major = dot < 0 ? text : text[..dot];
        var minor = dot < 0 ? "0" : text[(dot + 1)..];
        return int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out var high) && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var low)
            ? high * 1000 + low
            : -1;
    }
}
