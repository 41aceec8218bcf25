using Orchestrator.Core.Scheduling.Energy;

namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>
/// Best fit with what is scarce kept for those that need it. In this order: work without GPUs keeps off GPU nodes, all keep off nodes for much memory unless they like them, off nodes
/// for anything, and off nodes with features that they did not ask for, while others fit; in the modes that save energy the better rated node; a node that holds the data; then a
/// closer fit (no GPUs left without cores beside them, the smallest GPU that satisfies), a learned speed, what the kind of work likes, and reliability, weighed against each other. In
/// performance mode the fastest and largest in place of the closest fit.
/// </summary>
public sealed class NodeMatching : INodePreference
{
    /// <inheritdoc/>
    public INodeRanking Open(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        return new Ranking(view.Context.Speeds, view.Settings.Matching, EnergyModes.InForce(view, now));
    }

    private sealed class Ranking(LearnedSpeeds speeds, MatchingSettings settings, EnergyMode mode) : INodeRanking
    {
        private const double OffGpus = 4096;
        private const double OffMuchMemory = 2048;
        private const double OffGeneral = 1024;
        private const double OffFeature = 128;
        private const int FeaturesMost = 4;
        private const double AtData = 64;

        /// <summary>Of a factor of two in the score.</summary>
        private const double Scored = 8;

        private const double Unreliable = 32;

        /// <summary>Of all GPUs, or all cores, of a node that nobody could use. Chosen so that little of a GPU cluster (Alibaba's trace) is lost.</summary>
        private const double StrandedGpus = 64;
        private const double StrandedCores = 16;

        /// <summary>Of each doubling of GPU memory beyond what is asked for; and beyond a small GPU where nothing is, or of cores.</summary>
        private const double LargerThanAsked = 16;
        private const double LargerThanSmall = 4;

        private readonly double ofRating = mode switch
        {
            EnergyMode.Efficiency or EnergyMode.NightSavings => 1,
            EnergyMode.Balanced => 0.05,
            _ => 0,
        };

        private readonly Dictionary<string, WorkAffinity> affinities = new(StringComparer.Ordinal);

        public double Cost(SchedulableNode node, PendingRequest request)
        {
            var likes = AffinityOf(request.JobType);
            var nodeClass = NodeKinds.ClassOf(node);
            var cost = Scarcity(node, nodeClass, request, likes)
                + ofRating * (100 - EnergyRating.Of(node.Power, node.Cores))
                + Unreliable * (1 - Math.Clamp(node.Reliability, 0, 1))
                - Scored * Math.Log2(Specialisation.Affinity(node, nodeClass, likes))
                - Scored * SpeedWeight * Math.Log2(speeds.Of(request.JobType, request.Resources, Kind(node)))
                + Size(node, request);
            if (NodeSuits.HoldsData(node, request))
            {
                cost -= AtData;
            }

            // Nodes that differ by what firmware took of their memory are the same: the lower id then decides.
            return Math.Round(cost * 16) / 16;
        }

        private double SpeedWeight => settings.SpeedWeight * (mode == EnergyMode.Performance ? 4 : 1);

        /// <summary>The name of a kind is only built where speeds are known at all.</summary>
        private string Kind(SchedulableNode node) => speeds.Speeds.IsEmpty ? "" : NodeKinds.NameOf(node);

        private static double Scarcity(SchedulableNode node, NodeClass nodeClass, PendingRequest request, WorkAffinity likes)
        {
            var cost = 0.0;
            if (!node.Gpus.IsEmpty && request.Resources.GpusPerNode == 0)
            {
                // Where it must be, on those with many cores beside each GPU.
                cost += OffGpus - 64 * Math.Log2((double)Math.Max(1, node.Cores) / node.Gpus.Length);
            }

            cost += nodeClass switch
            {
                NodeClass.Memory when likes.Class != NodeClass.Memory => OffMuchMemory,
                NodeClass.General => OffGeneral,
                _ => 0,
            };

            var unused = 0;
            foreach (var feature in node.Features)
            {
                unused += likes.Likes(feature) || request.Resources.Features.Contains(feature, StringComparer.Ordinal) ? 0 : 1;
            }

            return cost + OffFeature * Math.Min(unused, FeaturesMost);
        }

        private static double GpuGibibytes(SchedulableNode node)
        {
            var sum = 0.0;
            foreach (var gpu in node.Gpus)
            {
                sum += gpu.Memory;
            }

            return sum / (1L << 30);
        }

        private double Size(SchedulableNode node, PendingRequest request)
        {
            var wanted = request.Resources;
            if (mode == EnergyMode.Performance)
            {
                return -Scored * (Math.Log2(Math.Max(1, node.Cores)) + Math.Log2(1 + (wanted.GpusPerNode > 0 ? GpuGibibytes(node) : 0)));
            }

            var larger = Math.Log2(Math.Max(1, node.Cores / Math.Max(1, (double)wanted.RanksPerNode * wanted.Threads)));
            if (wanted.GpusPerNode == 0)
            {
                return LargerThanSmall * larger;
            }

            var stranded = Specialisation.Stranded(node, request);
            return StrandedGpus * stranded.Gpus + StrandedCores * stranded.Cores + (wanted.GpuMemory > 0 ? LargerThanAsked : LargerThanSmall) * Specialisation.GpuExcess(node, request) + larger;
        }

        private WorkAffinity AffinityOf(string jobType)
        {
            if (!affinities.TryGetValue(jobType, out var affinity))
            {
                affinities.Add(jobType, affinity = WorkAffinity.Of(jobType));
            }

            return affinity;
        }
    }
}
