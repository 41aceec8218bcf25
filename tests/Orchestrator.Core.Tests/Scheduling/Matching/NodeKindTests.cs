using Orchestrator.Core.Nodes;
using Orchestrator.Core.Scheduling.Matching;

namespace Orchestrator.Core.Tests.Scheduling.Matching;

public sealed class NodeKindTests
{
    [Fact]
    public void A_node_without_a_name_is_of_the_kind_that_it_has_the_parts_for()
    {
        NodeKinds.ClassOf(Farm.Gpu(1)).ShouldBe(NodeClass.Gpu);
        NodeKinds.ClassOf(Farm.Cpu(1)).ShouldBe(NodeClass.Cpu);
        NodeKinds.ClassOf(Farm.Big(1)).ShouldBe(NodeClass.Memory);
        NodeKinds.ClassOf(Farm.Gpu(1) with { Memory = 1024 * Farm.GB }).ShouldBe(NodeClass.Gpu);
        NodeKinds.ClassOf(new NodeCapabilities { Memory = 1024 * Farm.GB }).ShouldBe(NodeClass.Memory);
    }

    [Fact]
    public void A_name_or_a_feature_says_that_a_node_is_for_anything()
    {
        NodeKinds.ClassOf(Farm.Gpu(1) with { Kind = "Hybrid" }).ShouldBe(NodeClass.General);
        NodeKinds.ClassOf(Farm.Cpu(1) with { Features = ["avx512", "general"] }).ShouldBe(NodeClass.General);
        NodeKinds.ClassOf(Farm.Cpu(1) with { Kind = "epyc-9654", Features = ["gpu"] }).ShouldBe(NodeClass.Cpu);
    }

    [Fact]
    public void Speeds_are_learned_under_the_name_else_the_class_and_the_model_of_the_GPUs()
    {
        NodeKinds.NameOf(Farm.Cpu(1) with { Kind = "epyc-9654" }).ShouldBe("epyc-9654");
        NodeKinds.NameOf(Farm.Cpu(1)).ShouldBe("cpu");
        NodeKinds.NameOf(Farm.Big(1)).ShouldBe("memory");
        NodeKinds.NameOf(Farm.Gpu(1)).ShouldBe("gpu/rtx");
        NodeKinds.NameOf(new NodeCapabilities { Gpus = [new()] }).ShouldBe("gpu");
        NodeKinds.NameOf(Farm.Cpu(1) with { Features = ["hybrid"] }).ShouldBe("general");
    }
}
