using System.Globalization;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Benchmarks;

/// <summary>Sizes are written as "waiting x nodes".</summary>
internal static class DecisionSizes
{
    public static BusyCluster Cluster(string size, SchedulerParts? parts = null)
    {
        var numbers = size.Split('x');
        return new(int.Parse(numbers[1], CultureInfo.InvariantCulture), int.Parse(numbers[0], CultureInfo.InvariantCulture), parts ?? SchedulerParts.Default);
    }
}
