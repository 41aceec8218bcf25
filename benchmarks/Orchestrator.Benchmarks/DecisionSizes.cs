using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>Sizes are written as "waiting x nodes".</summary>
internal static class DecisionSizes
{
    public static BusyCluster Cluster(string size)
    {
        var parts = size.Split('x');
        return new(int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[0], CultureInfo.InvariantCulture));
    }
}
