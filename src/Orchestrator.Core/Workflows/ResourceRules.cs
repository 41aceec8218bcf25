using System.Globalization;

namespace Orchestrator.Core.Workflows;

/// <summary>What a request for resources must satisfy, whoever made it.</summary>
public static class ResourceRules
{
    /// <summary>What is wrong with it, as a sentence that names the field and what is allowed (invariant 12); null: nothing.</summary>
    public static string? Problem(ResourceRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return
            request.Nodes < 1 ? Least("nodes", request.Nodes, 1)
            : request.RanksPerNode < 1 ? Least("ranksPerNode", request.RanksPerNode, 1)
            : request.Threads < 1 ? Least("threads", request.Threads, 1)
            : request.MemoryPerNode < 0 ? Least("memoryPerNode", request.MemoryPerNode, 0)
            : request.GpusPerNode < 0 ? Least("gpusPerNode", request.GpusPerNode, 0)
            : request.GpuMemory < 0 ? Least("gpuMemory", request.GpuMemory, 0)
            : request.GpuThousandths is < 1 or > 1000 ? $"gpuThousandths: it is {Number(request.GpuThousandths)}; 1 to 1000 are allowed."
            : request.StoragePerNode < 0 ? Least("storagePerNode", request.StoragePerNode, 0)
            : request.NetworkPerNode < 0 ? Least("networkPerNode", request.NetworkPerNode, 0)
            : request.Features.IsDefault || request.Features.Any(string.IsNullOrWhiteSpace) ? "features: a feature is a word of at least one letter."
            : request.Licences.FirstOrDefault(static licence => licence.Key.Length == 0 || licence.Value < 1) is { Key: not null } licence ? Least($"licences.{licence.Key}", licence.Value, 1)
            : request.GpuComputeCapability is { } capability && !IsCapability(capability) ? $"gpuComputeCapability: it is \"{capability}\"; two numbers with a dot between them are allowed, as in \"8.6\"."
            : request.Within is { Length: 0 } ? "within: it is empty; the name of a level is needed, or nothing."
            : null;
    }

    private static bool IsCapability(string text) =>
        text.Split('.') is [var major, var minor] && int.TryParse(major, NumberStyles.None, CultureInfo.InvariantCulture, out _) && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Least(string field, long value, long least) => $"{field}: it is {Number(value)}; at least {Number(least)} is allowed.";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
