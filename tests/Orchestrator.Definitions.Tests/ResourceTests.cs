namespace Orchestrator.Definitions.Tests;

public sealed class ResourceTests
{
    [Fact]
    public void A_stage_asks_for_all_that_nodes_and_sites_have()
    {
        var campaign = Read("""
            name: a
            project: i/p
            reservation: march-run
            defaults: { features: [avx512, ib], licences: { ansys: 2 } }
            stages:
              solve:
                run: x
                gpus: 2
                gpu_share: 0.25
                gpu_capability: 8.6
                storage: 1T
                network: 25Gbit
                licences: { matlab: 1 }
                within: rack
                data: [ocean, era5]
                energy_intensive: true
                job_type: cfd/steady
              plain: { run: x, features: gpu-free }
            """);

        var simulation = campaign.Simulations.ShouldHaveSingleItem();
        simulation.Reservation.ShouldBe("march-run");
        var solve = simulation.Stages[0];
        solve.EnergyIntensive.ShouldBeTrue();
        solve.Data.ShouldBe(["era5", "ocean"]);
        solve.JobType.ShouldBe("cfd/steady");
        var wanted = solve.Resources;
        wanted.GpuThousandths.ShouldBe(250);
        wanted.GpuComputeCapability.ShouldBe("8.6");
        wanted.StoragePerNode.ShouldBe(1L << 40);
        wanted.NetworkPerNode.ShouldBe(25_000_000_000);
        wanted.Features.ShouldBe(["avx512", "ib"]);
        wanted.Licences.ShouldBe([new("ansys", 2), new("matlab", 1)]);
        wanted.Within.ShouldBe("rack");
        simulation.Stages[1].Resources.Features.ShouldBe(["gpu-free"]);
        simulation.Stages[1].Resources.GpuThousandths.ShouldBe(1000);
    }

    [Theory]
    [InlineData("gpu_share: 0", "gpu_share")]
    [InlineData("gpu_share: 1.5", "gpu_share")]
    [InlineData("gpu_share: 0.0001", "gpu_share")]
    [InlineData("gpu_share: 50%", "gpu_share")]
    [InlineData("gpu_capability: new", "gpu_capability")]
    [InlineData("storage: 100", "storage")]
    [InlineData("network: 10G", "network")]
    [InlineData("network: 10GB/s", "network")]
    [InlineData("features: [ok, not ok]", "features[1]")]
    [InlineData("data: [era5, the ocean]", "data[1]")]
    [InlineData("licences: { ansys: 0 }", "licences.ansys")]
    [InlineData("licences: { an sys: 1 }", "licences.an sys")]
    [InlineData("licences: ansys", "licences")]
    [InlineData("within: a rack", "within")]
    [InlineData("energy_intensive: very", "energy_intensive")]
    [InlineData("job_type: a b", "job_type")]
    public void What_is_no_amount_or_name_is_told_with_its_place(string line, string place)
    {
        var problem = CampaignFile.Read($"name: a\nproject: i/p\nstages: {{ s: {{ run: x, gpus: 1, {line} }} }}").Problems.ShouldHaveSingleItem();

        problem.Path.ShouldBe($"stages.s.{place}");
        problem.Allowed.ShouldNotBeEmpty();
    }

    [Fact]
    public void A_part_of_no_gpu_is_a_mistake_but_as_a_default_it_waits_for_stages_with_gpus()
    {
        CampaignFile.Read("name: a\nproject: i/p\nstages: { s: { run: x, gpu_share: 0.5 } }").Problems.ShouldHaveSingleItem().Path.ShouldBe("stages.s.gpu_share");
        Read("name: a\nproject: i/p\ndefaults: { gpu_share: 0.5 }\nstages: { s: { run: x }, t: { run: x, gpus: 1 } }").Simulations[0].Stages[1].Resources.GpuThousandths.ShouldBe(500);
    }

    [Fact]
    public void A_reservation_has_a_name() =>
        CampaignFile.Read("name: a\nproject: i/p\nreservation: my one\nstages: { s: { run: x } }").Problems.ShouldHaveSingleItem().Path.ShouldBe("reservation");

    private static Campaign Read(string text)
    {
        var reading = CampaignFile.Read(text);
        reading.Problems.ShouldBeEmpty();
        return reading.Campaign!;
    }
}
