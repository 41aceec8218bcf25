using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Energy;
using Orchestrator.Core.Scheduling.Matching;

namespace Orchestrator.Core.Tests.Scheduling.Matching;

public sealed class NodeMatchingTests
{
    [Fact]
    public void Animation_with_a_GPU_goes_to_a_GPU_node() =>
        Farm.ClassOf(Farm.Usual.Choice(Farm.Job("animation", gpus: 1))).ShouldBe(NodeClass.Gpu);

    [Fact]
    public void Scene_assembly_of_512_GB_goes_to_a_node_with_that_memory()
    {
        var node = Farm.Usual.Choice(Farm.Job("scene_assembly", memory: 512 * Farm.GB)).ShouldNotBeNull();

        NodeKinds.ClassOf(node).ShouldBe(NodeClass.Memory);
        node.Memory.ShouldBeGreaterThanOrEqualTo(512 * Farm.GB);
    }

    [Fact]
    public void Each_kind_of_work_scores_higher_on_the_kind_of_node_it_likes()
    {
        Score(Farm.Gpu(1), "animation").ShouldBeGreaterThan(Score(Farm.Cpu(1), "animation"));
        Score(Farm.Cpu(1), "simulation").ShouldBeGreaterThan(Score(Farm.Gpu(1), "simulation"));
        Score(Farm.Big(1), "scene_assembly").ShouldBeGreaterThan(Score(Farm.Cpu(1), "scene_assembly"));

        static double Score(SchedulableNode node, string type) => Specialisation.Score(node, Farm.Job(type, gpus: type == "animation" ? 1 : 0));
    }

    [Fact]
    public void A_feature_for_the_kind_of_work_raises_the_score_however_it_is_spelt()
    {
        var plain = Specialisation.Score(Farm.Cpu(1), Farm.Job("film/cloth_sim"));

        Specialisation.Score(Farm.Cpu(1) with { Features = ["Cloth-Sim"] }, Farm.Job("film/cloth_sim")).ShouldBe(plain * 1.35, 1e-9);
        Specialisation.Score(Farm.Cpu(1) with { Features = ["cloth_sim", "physics"] }, Farm.Job("film/cloth_sim")).ShouldBe(plain * 1.7, 1e-9);
    }

    [Fact]
    public void Effects_with_a_high_learned_speed_on_GPU_nodes_still_go_to_one()
    {
        var job = Farm.Job("vfx", gpus: 1);
        var speeds = LearnedSpeeds.Empty.Learn("vfx", job.Resources, NodeKinds.NameOf(Farm.Gpu(1)), observed: 3, rate: 1);

        Farm.ClassOf(Farm.Usual.Knowing(speeds).Choice(job)).ShouldBe(NodeClass.Gpu);
    }

    [Fact]
    public void Nobody_is_chosen_when_all_are_away() =>
        Farm.Of([.. Farm.Usual.Machines.Select(node => node with { NotSeen = true })]).Choice(Farm.Job("animation")).ShouldBeNull();

    [Fact]
    public void Compositing_takes_a_CPU_node_and_leaves_the_one_for_anything()
    {
        var general = Farm.Cpu(0) with { Kind = "general", Memory = 128 * Farm.GB, Cores = 32 };

        Farm.ClassOf(Farm.Of(general, Farm.Cpu(7)).Choice(Farm.Job("compositing"))).ShouldBe(NodeClass.Cpu);
        Farm.ClassOf(Farm.Of(general).Choice(Farm.Job("compositing"))).ShouldBe(NodeClass.General);
    }

    [Fact]
    public void Of_a_mixed_queue_over_200_nodes_most_work_goes_to_its_kind()
    {
        var farm = Farm.Of(
        [
            .. Enumerable.Range(0, 80).Select(number => Farm.Gpu(number, gpus: 1)),
            .. Enumerable.Range(0, 80).Select(number => Farm.Cpu(number)),
            .. Enumerable.Range(0, 40).Select(number => Farm.Big(number)),
        ]);
        var random = new Random(7);
        var jobs = Enumerable.Range(0, 250).Select(number =>
                number < 100 ? (Kind: NodeClass.Gpu, Job: Farm.Job("animation", cores: 32, memory: 64 * Farm.GB, gpus: 1))
                : number < 200 ? (Kind: NodeClass.Cpu, Job: Farm.Job("simulation", cores: 64, memory: 64 * Farm.GB))
                : (Kind: NodeClass.Memory, Job: Farm.Job("scene_assembly", cores: 32, memory: 512 * Farm.GB)))
            .OrderBy(_ => random.Next()).ToArray();

        var placed = farm.Choices(jobs.Select(job => job.Job)).Zip(jobs, (node, job) => (Node: node, job.Kind)).Where(pair => pair.Node is not null).ToArray();

        Right(NodeClass.Gpu).ShouldBe(1);
        Right(NodeClass.Cpu).ShouldBeGreaterThan(0.6);
        Right(NodeClass.Memory).ShouldBeGreaterThan(0.5);
        placed.Average(pair => Farm.ClassOf(pair.Node) == pair.Kind ? 1.0 : 0).ShouldBeGreaterThan(0.6);

        double Right(NodeClass kind) => placed.Where(pair => pair.Kind == kind).Average(pair => Farm.ClassOf(pair.Node) == kind ? 1.0 : 0);
    }

    [Theory]
    [InlineData(40, 80)]
    [InlineData(20, 24)]
    [InlineData(12, 16)]
    [InlineData(0, 16)]
    public void The_smallest_GPU_that_satisfies_is_taken(long wanted, long expected)
    {
        var farm = Farm.Of(Farm.Gpu(1, gpuMemory: 80 * Farm.GB), Farm.Gpu(2, gpuMemory: 16 * Farm.GB), Farm.Gpu(3, gpuMemory: 24 * Farm.GB));

        var node = farm.Choice(Farm.Job("", gpus: 1, gpuMemory: wanted * Farm.GB)).ShouldNotBeNull();

        node.Gpus[0].Memory.ShouldBe(expected * Farm.GB);
    }

    [Fact]
    public void Work_without_GPUs_keeps_off_GPU_nodes_while_others_fit_in_every_mode()
    {
        var farm = Farm.Of(Farm.Gpu(0, rating: 100), Farm.Gpu(1, rating: 100), Farm.Cpu(0, rating: 1, cores: 8), Farm.Big(0, rating: 1));

        foreach (var mode in Enum.GetValues<EnergyMode>())
        {
            farm.In(mode).Choices([.. Enumerable.Repeat(Farm.Job("render", cores: 8), 10)]).Select(Farm.ClassOf)
                .ShouldBe([NodeClass.Cpu, .. Enumerable.Repeat(NodeClass.Memory, 8), NodeClass.Gpu]);
        }
    }

    [Fact]
    public void Nodes_with_features_that_nobody_asked_for_are_left_to_those_who_do()
    {
        var farm = Farm.Of(Farm.Cpu(0) with { Features = ["fpga"] }, Farm.Cpu(1));

        farm.Choice(Farm.Job("x")).ShouldBe(farm.Machines[1]);
        var wanting = Farm.Job("x");
        farm.Choice(wanting with { Resources = wanting.Resources with { Features = ["fpga"] } }).ShouldBe(farm.Machines[0]);
    }

    [Fact]
    public void A_node_that_runs_the_kind_of_work_twice_as_fast_goes_before_an_equal_one_and_a_slow_one_after_it()
    {
        var farm = Farm.Of(Farm.Cpu(0) with { Kind = "old" }, Farm.Cpu(1) with { Kind = "new" });
        var job = Farm.Job("climate/coupled");

        farm.Knowing(Observed("new", 2)).Choice(job)!.Kind.ShouldBe("new");
        farm.Knowing(Observed("new", 0.5)).Choice(job)!.Kind.ShouldBe("old");
        farm.Knowing(Observed("new", 2)).Choice(Farm.Job("other", memory: 0))!.Kind.ShouldBe("old");

        LearnedSpeeds Observed(string kind, double speed) => LearnedSpeeds.Empty.Learn("climate/coupled", job.Resources, kind, speed);
    }

    [Fact]
    public void The_node_that_holds_the_data_and_the_one_that_fails_less_go_first()
    {
        var farm = Farm.Of(Farm.Cpu(0) with { Reliability = 0.9 }, Farm.Cpu(1), Farm.Cpu(2) with { Reliability = 0.5, Holds = ["era5"] });

        farm.Choice(Farm.Job("x")).ShouldBe(farm.Machines[1]);
        farm.Choice(Farm.Job("x") with { Data = ["era5"] }).ShouldBe(farm.Machines[2]);
        farm.Choice(Farm.Job("x") with { Data = ["era5", "ocean"] }).ShouldBe(farm.Machines[1], "it must be all that the work reads");
    }

    [Fact]
    public void Nodes_that_differ_only_by_what_firmware_took_of_their_memory_go_by_their_id()
    {
        var farm = Farm.Of(Farm.Cpu(0) with { Memory = 256 * Farm.GB + 100_000_000 }, Farm.Cpu(1));

        farm.Choice(Farm.Job("x")).ShouldBe(farm.Machines[0]);
    }

    [Theory]
    [InlineData(32, 128, 85)]
    [InlineData(16, 16, 80)]
    public void Efficiency_puts_small_CPU_work_on_well_rated_CPU_nodes(int cores, long memory, double rating)
    {
        var node = Farm.Usual.In(EnergyMode.Efficiency).Choice(Farm.Job("x", cores, memory * Farm.GB)).ShouldNotBeNull();

        NodeKinds.ClassOf(node).ShouldBe(NodeClass.Cpu);
        node.Power!.Rating.ShouldBeGreaterThanOrEqualTo(rating);
    }

    [Fact]
    public void Efficiency_takes_no_worse_rated_node_than_performance()
    {
        foreach (var job in new[] { Farm.Job("animation", gpus: 1), Farm.Job("simulation"), Farm.Job("scene_assembly", memory: 600 * Farm.GB), Farm.Job("") })
        {
            Rating(EnergyMode.Efficiency).ShouldBeGreaterThanOrEqualTo(Rating(EnergyMode.Performance));

            double Rating(EnergyMode mode) => Farm.Usual.In(mode).Choice(job)!.Power!.Rating;
        }
    }

    [Fact]
    public void Performance_takes_the_biggest_node_and_other_modes_the_closest_fit()
    {
        var farm = Farm.Of(Farm.Cpu(0, cores: 16), Farm.Cpu(1, cores: 96), Farm.Cpu(2, cores: 32));

        farm.In(EnergyMode.Performance).Choice(Farm.Job("x", cores: 8))!.Cores.ShouldBe(96);
        farm.In(EnergyMode.Balanced).Choice(Farm.Job("x", cores: 24))!.Cores.ShouldBe(32);
        farm.Choice(Farm.Job("x", cores: 8))!.Cores.ShouldBe(16);
    }

    [Fact]
    public void A_GPU_job_does_not_fit_a_CPU_node_and_a_terabyte_fits_no_smaller_one()
    {
        Farm.Of(Farm.Cpu(1)).Choice(Farm.Job("x", gpus: 1)).ShouldBeNull();
        Farm.Usual.Choice(Farm.Job("x", memory: 1100 * Farm.GB)).ShouldBeNull();
        Farm.Of(Farm.Cpu(1), Farm.Gpu(1)).Choice(Farm.Job("x", memory: 1000 * Farm.GB)).ShouldBeNull();
    }

    [Fact]
    public void A_request_for_more_than_any_GPU_has_waits_and_the_others_go_on()
    {
        var farm = Farm.Of(Farm.Gpu(1, gpuMemory: 16 * Farm.GB));

        farm.Choices([Farm.Job("x", gpus: 1, gpuMemory: 40 * Farm.GB), Farm.Job("x", gpus: 1, gpuMemory: 8 * Farm.GB)]).Select(Farm.ClassOf).ShouldBe([NodeClass.Absent, NodeClass.Gpu]);
    }

    [Fact]
    public void The_cost_is_the_same_for_equal_nodes_and_requests()
    {
        var ranking = new NodeMatching().Open(Farm.Usual, Make.Now);

        ranking.Cost(Farm.Cpu(1), Farm.Job("x")).ShouldBe(ranking.Cost(Farm.Cpu(2), Farm.Job("x") with { Attempt = Make.Attempt(9), SubmissionOrder = 77 }));
    }
}
