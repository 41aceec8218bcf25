using Orchestrator.Core.Scheduling;

namespace Orchestrator.Core.Tests.Scheduling;

public sealed class GpuSuitsTests
{
    /// <summary>Sizes as drivers tell them, in MiB, and as people ask for them, in GiB.</summary>
    [Theory]
    [InlineData(81_920, 80, true)]
    [InlineData(81_559, 80, true)]
    [InlineData(24_564, 24, true)]
    [InlineData(23_028, 24, true)]
    [InlineData(15_360, 16, true)]
    [InlineData(15_109, 16, true)]
    [InlineData(16_160, 16, true)]
    [InlineData(11_264, 12, false)]
    [InlineData(10_240, 11, false)]
    [InlineData(40_960, 48, false)]
    [InlineData(65_536, 80, false)]
    [InlineData(24_564, 25, true)]
    public void Memory_is_meant_as_it_is_sold(long has, long wanted, bool suits) => GpuSuits.HasMemory(has << 20, wanted << 30).ShouldBe(suits);

    [Fact]
    public void Sizes_below_those_of_gpus_are_meant_byte_for_byte()
    {
        GpuSuits.HasMemory(60, 60).ShouldBeTrue();
        GpuSuits.HasMemory(59, 60).ShouldBeFalse();
        GpuSuits.HasMemory((1 << 30) - 2, (1 << 30) - 1).ShouldBeFalse();
    }

    [Theory]
    [InlineData("NVIDIA A100-SXM4-80GB", "a100", true)]
    [InlineData("NVIDIA A100-SXM4-80GB", "A100-80GB", true)]
    [InlineData("NVIDIA A100-SXM4-80GB", "nvidia a100", true)]
    [InlineData("NVIDIA A100-SXM4-80GB", "NVIDIA A100-SXM4-80GB", true)]
    [InlineData("NVIDIA A100-SXM4-80GB", "A10", false)]
    [InlineData("NVIDIA A100-SXM4-80GB", "100", false)]
    [InlineData("NVIDIA A100-SXM4-80GB", "80GB A100", false)]
    [InlineData("NVIDIA GeForce RTX 4090", "rtx4090", false)]
    [InlineData("NVIDIA GeForce RTX 4090", "RTX 4090", true)]
    [InlineData("NVIDIA L40", "L4", false)]
    [InlineData("Tesla T4", "t4", true)]
    [InlineData("H100", "h100", true)]
    [InlineData("", "h100", false)]
    [InlineData("H100", "-", false)]
    [InlineData("MI250X", "mi250x", true)]
    public void A_model_is_named_by_words_of_its_name_in_any_case(string has, string wanted, bool suits) => GpuSuits.IsModel(has, wanted).ShouldBe(suits);
}
