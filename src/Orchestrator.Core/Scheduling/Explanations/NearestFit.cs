using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Scheduling.Explanations;

/// <summary>Whether the cluster could ever hold a request, and if not, which node comes nearest and what it lacks: so that it is refused when it is submitted and not waited for.</summary>
public static class NearestFit
{
    /// <summary>So many kinds of GPUs are told.</summary>
    private const int KindsTold = 8;

    /// <summary>Null: the empty cluster could hold it.</summary>
    /// <param name="wanted">The request.</param>
    /// <param name="user">Whose work it is; "": nobody's.</param>
    /// <param name="nodes">All there are.</param>
    /// <param name="licences">How many there are of each.</param>
    public static FitRefusal? Find(ResourceRequest wanted, string user, IReadOnlyCollection<SchedulableNode> nodes, IReadOnlyDictionary<string, int> licences)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(licences);
        var context = new SchedulingContext { Licences = licences.ToImmutableSortedDictionary(StringComparer.Ordinal) };
        var request = new PendingRequest { Resources = wanted, Owner = new() { User = user } };
        var workspace = new SchedulingWorkspace(new(), SchedulerParts.Default);
        workspace.SetContext(context);
        foreach (var node in nodes)
        {
            workspace.SetNode(node);
        }

        return workspace.Never(request) is { } reason ? Explain(wanted, user, nodes, licences, reason) : null;
    }

    private static FitRefusal Explain(ResourceRequest wanted, string user, IReadOnlyCollection<SchedulableNode> nodes, IReadOnlyDictionary<string, int> licences, WaitReason reason)
    {
        var refusal = new FitRefusal { Constraint = reason.Constraint, NodesLeft = reason.NodesLeft, NodesNeeded = wanted.Nodes };
        switch (reason.Constraint)
        {
            case PlacementConstraint.ValidRequest:
                return refusal with { Words = "the request is malformed: nodes, ranks, threads and licences must be at least 1, parts of GPUs 1 to 1000 thousandths, and amounts not negative" };
            case PlacementConstraint.NodeCount:
                return refusal with { Words = Text($"it wants {wanted.Nodes} nodes, and the cluster has {nodes.Count}") };
            case PlacementConstraint.Site when reason.For is { } name && wanted.Licences.TryGetValue(name, out var count):
                return refusal with { Words = Text($"it wants {count} licences of {name}, and the site has {licences.GetValueOrDefault(name)}") };
            case PlacementConstraint.Site:
                return refusal with { Words = Text($"it wants {wanted.Nodes} nodes in one {wanted.Within}, and no {wanted.Within} has more than {reason.NodesLeft} that could hold it") };
        }

        // Those that lack anything, by how little they lack: first the number of things, then how far it is short of them.
        var nearest = nodes.Select(node => (Node: node, Lacks: Lacks(wanted, user, node)))
            .Where(static one => one.Lacks.Count > 0)
            .OrderBy(static one => one.Lacks.Count)
            .ThenBy(static one => one.Lacks.Sum(static lack => lack.Wanted <= 0 ? 1 : 1 - (double)lack.Has / lack.Wanted))
            .ThenBy(static one => one.Node.Id)
            .First();
        var most = nearest.Lacks.Select(lack => lack with { Most = nodes.Max(node => Lacks(wanted, user, node).Find(other => other.What == lack.What)?.Has ?? lack.Wanted) }).ToImmutableArray();
        var has = string.Join(" and ", most.Select(static lack => Text($"{Amount(lack, lack.Has)} of the {Amount(lack, lack.Wanted)} {lack.What}")));
        var kept = reason.NodesLeft > 0 ? Text($"only {reason.NodesLeft} of {wanted.Nodes} nodes could hold it; of the others ") : "no node could ever hold it; ";
        return refusal with { Nearest = nearest.Node.Id, Lacks = most, Words = $"{kept}the nearest, {nearest.Node.Id}, has {has}{(most.Any(static lack => lack.Constraint == PlacementConstraint.Gpus) ? $"; {GpusThereAre(nodes)}" : "")}" };
    }

    private static List<FitLack> Lacks(ResourceRequest wanted, string user, SchedulableNode node)
    {
        var lacks = new List<FitLack>();
        void Add(PlacementConstraint constraint, string what, long wants, long has)
        {
            if (wants > has)
            {
                lacks.Add(new() { Constraint = constraint, What = what, Wanted = wants, Has = has });
            }
        }

        Add(PlacementConstraint.Cores, "cores", (long)wanted.RanksPerNode * wanted.Threads, node.Cores);
        Add(PlacementConstraint.Memory, "memory", wanted.MemoryPerNode, node.Memory);
        Add(PlacementConstraint.Gpus, GpuWords(wanted), wanted.GpusPerNode, node.Gpus.Count(gpu => NodeSuits.Suits(gpu, wanted)));
        Add(PlacementConstraint.User, "nodes that take the user's work", 1, node.User.Length == 0 || node.User == user ? 1 : 0);
        foreach (var feature in wanted.Features)
        {
            Add(PlacementConstraint.Features, $"feature {feature}", 1, node.Features.Contains(feature) ? 1 : 0);
        }

        Add(PlacementConstraint.Storage, "scratch storage", wanted.StoragePerNode, node.Storage);
        Add(PlacementConstraint.Storage, "network bits per second", wanted.NetworkPerNode, node.Network);
        return lacks;
    }

    /// <summary>What could be asked for in their place.</summary>
    private static string GpusThereAre(IReadOnlyCollection<SchedulableNode> nodes)
    {
        var kinds = nodes.SelectMany(static node => node.Gpus).GroupBy(static gpu => (gpu.Model, gpu.Memory, gpu.ComputeCapability)).OrderByDescending(static kind => kind.Count()).ThenBy(static kind => kind.Key.Model, StringComparer.Ordinal).ToArray();
        var words = kinds.Take(KindsTold).Select(static kind => Text($"{kind.Count()} x {(kind.Key.Model.Length > 0 ? kind.Key.Model : "unknown model")} with {Bytes(kind.Key.Memory)}{(kind.Key.ComputeCapability.Length > 0 ? $" of capability {kind.Key.ComputeCapability}" : "")}"));
        return kinds.Length == 0 ? "no node has a GPU" : $"there are {string.Join(", ", words)}{(kinds.Length > KindsTold ? Text($", and {kinds.Length - KindsTold} more kinds") : "")}";
    }

    private static string GpuWords(ResourceRequest wanted)
    {
        var words = "GPUs";
        words += wanted.GpuModel is { } model ? $" of model {model}" : "";
        words += wanted.GpuMemory > 0 ? Text($" with {Bytes(wanted.GpuMemory)}") : "";
        return words + (wanted.GpuComputeCapability is { } capability ? $" of compute capability {capability}" : "");
    }

    private static string Amount(FitLack lack, long amount) => lack.What is "memory" or "scratch storage" ? Bytes(amount) : amount.ToString(CultureInfo.InvariantCulture);

    private static string Bytes(long bytes) => bytes >= 1L << 30 ? Text($"{bytes / (double)(1L << 30):0.#} GiB") : Text($"{bytes} bytes");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
