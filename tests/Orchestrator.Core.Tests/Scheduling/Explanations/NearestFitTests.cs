using System.Collections.Immutable;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Explanations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Scheduling.Explanations;

public sealed class NearestFitTests
{
    private static readonly SchedulableNode[] Nodes =
    [
        Make.Node(1, cores: 8, memory: 16L << 30) with { Topology = ["rack=a"] },
        Make.Node(2, cores: 64, memory: 256L << 30).WithGpus(("A100", 40L << 30)) with { Topology = ["rack=a"] },
        Make.Node(3, cores: 64, memory: 512L << 30) with { Topology = ["rack=b"], User = "ada" },
    ];

    [Fact]
    public void What_the_empty_cluster_could_hold_is_not_refused()
    {
        Find(new() { Nodes = 2, Threads = 8 }).ShouldBeNull();
        Find(new() { Threads = 64, MemoryPerNode = 512L << 30 }, "ada").ShouldBeNull();
    }

    [Fact]
    public void The_nearest_node_is_named_with_what_it_lacks_and_the_most_that_any_has()
    {
        var refusal = Find(new() { Threads = 64, GpusPerNode = 2 }).ShouldNotBeNull();

        refusal.Constraint.ShouldBe(PlacementConstraint.Gpus);
        refusal.Nearest.ShouldBe(Make.Id(2));
        refusal.Lacks.ShouldHaveSingleItem().ShouldBe(new() { Constraint = PlacementConstraint.Gpus, What = "GPUs", Wanted = 2, Has = 1, Most = 1 });
        refusal.Words.ShouldBe("no node could ever hold it; the nearest, n-2, has 1 of the 2 GPUs; there are 1 x A100 with 40 GiB");
    }

    [Fact]
    public void GPUs_are_found_by_what_people_call_them_and_a_refusal_names_those_that_there_are()
    {
        SchedulableNode[] nodes =
        [
            Make.Node(1).WithGpus(("NVIDIA A100-SXM4-80GB", 81_559L << 20), ("NVIDIA A100-SXM4-80GB", 81_559L << 20)),
            Make.Node(2).WithGpus(("Tesla T4", 15_109L << 20)),
        ];

        Of(new() { GpusPerNode = 2, GpuModel = "a100", GpuMemory = 80L << 30 }, nodes).ShouldBeNull();
        Of(new() { GpusPerNode = 1, GpuModel = "t4", GpuMemory = 16L << 30 }, nodes).ShouldBeNull();
        Of(new() { GpusPerNode = 1, GpuModel = "H100" }, nodes).ShouldNotBeNull().Words
            .ShouldBe("no node could ever hold it; the nearest, n-1, has 0 of the 1 GPUs of model H100; there are 2 x NVIDIA A100-SXM4-80GB with 79.6 GiB, 1 x Tesla T4 with 14.8 GiB");
        Of(new() { GpusPerNode = 1 }, [Make.Node(1)]).ShouldNotBeNull().Words.ShouldEndWith("has 0 of the 1 GPUs; no node has a GPU");

        static FitRefusal? Of(ResourceRequest wanted, SchedulableNode[] nodes) => NearestFit.Find(wanted, "", nodes, new Dictionary<string, int>());
    }

    [Fact]
    public void Memory_is_told_in_gibibytes_and_users_are_told_apart()
    {
        Find(new() { MemoryPerNode = 1L << 40 }, "ada").ShouldNotBeNull().Words.ShouldBe("no node could ever hold it; the nearest, n-3, has 512 GiB of the 1024 GiB memory");
        Find(new() { MemoryPerNode = 300L << 30 }).ShouldNotBeNull().Constraint.ShouldBe(PlacementConstraint.User);
    }

    [Fact]
    public void Too_few_nodes_licences_and_racks_that_are_too_small_are_told_as_such()
    {
        Find(new() { Nodes = 4 }).ShouldNotBeNull().Words.ShouldBe("it wants 4 nodes, and the cluster has 3");
        Find(new() { Nodes = 2, Threads = 64 }).ShouldNotBeNull().Words.ShouldStartWith("only 1 of 2 nodes could hold it; of the others the nearest, n-1, has 8 of the 64 cores");
        Find(new() { Nodes = 3, Within = "rack" }, "ada").ShouldNotBeNull().Words.ShouldBe("it wants 3 nodes in one rack, and no rack has more than 2 that could hold it");
        Find(new() { Licences = ImmutableSortedDictionary<string, int>.Empty.Add("cfd", 3) }).ShouldNotBeNull().Words.ShouldBe("it wants 3 licences of cfd, and the site has 2");
        Find(new() { Threads = 0 }).ShouldNotBeNull().Constraint.ShouldBe(PlacementConstraint.ValidRequest);
    }

    private static FitRefusal? Find(ResourceRequest wanted, string user = "") => NearestFit.Find(wanted, user, Nodes, new Dictionary<string, int> { ["cfd"] = 2 });
}
