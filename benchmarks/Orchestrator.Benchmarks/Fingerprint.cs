using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Benchmarks;

/// <summary>Whether two versions of the scheduler decide alike: prints a hash of all that some hundred plans say. What is made faster must not change it.</summary>
internal static class Fingerprint
{
    public static void Print(IReadOnlyList<string> sizes)
    {
        foreach (var size in sizes.Count == 0 ? ["1000x1000", "300x200"] : sizes)
        {
            var cluster = DecisionSizes.Cluster(size);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var cycle = 0; cycle < 200; cycle++)
            {
                Add(hash, cluster.Cycle());
            }

            Add(hash, new Scheduler().Plan(cluster.Problem(), cluster.Now));
            Console.WriteLine($"{size} {Convert.ToHexStringLower(hash.GetHashAndReset())}");
        }
    }

    private static void Add(IncrementalHash hash, SchedulingPlan plan)
    {
        var text = new StringBuilder();
        foreach (var placement in plan.Placements)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{placement.Attempt} on {string.Join(' ', placement.Shares.Select(static share => $"{share.Node}:{string.Join(',', share.Cores)}/{string.Join(',', share.Gpus)}"))}");
        }

        plan.Places.ToList().ForEach(place => text.AppendLine(CultureInfo.InvariantCulture, $"{place.Attempt} {place.Start:O} {place.End:O} {string.Join(' ', place.Nodes)}"));
        plan.Waiting.ToList().ForEach(waiting => text.AppendLine(CultureInfo.InvariantCulture, $"{waiting.Attempt} {waiting.Reason} {waiting.Reason.Constraint} {waiting.Reason.Ahead} {waiting.Reason.For} {waiting.Reason.PlannedStart:O}"));
        plan.Preemptions.ToList().ForEach(preemption => text.AppendLine(CultureInfo.InvariantCulture, $"{preemption}"));
        text.AppendLine(CultureInfo.InvariantCulture, $"{plan.NextChange:O}");
        hash.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
