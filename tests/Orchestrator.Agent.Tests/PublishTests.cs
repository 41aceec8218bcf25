using Orchestrator.Agent.Outputs;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Tests;

public class PublishTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_crash_between_any_two_steps_of_publishing_is_made_good(int stepsDone)
    {
        await using var world = AgentWorld.Empty();
        var attempt = AgentWorld.Attempt(2);
        var run = world.RunDirectory(attempt);
        Directory.CreateDirectory(Path.Combine(run, "deep"));
        File.WriteAllText(Path.Combine(run, "one"), "1");
        File.WriteAllText(Path.Combine(run, "deep/two"), "22");
        var partial = Path.Combine(world.Data, "results/s-test/.work.e2.partial");
        if (stepsDone > 0)
        {
            Directory.CreateDirectory(Path.Combine(partial, "deep"));
            File.Move(Path.Combine(run, "one"), Path.Combine(partial, "one"));
        }

        if (stepsDone > 1)
        {
            File.Move(Path.Combine(run, "deep/two"), Path.Combine(partial, "deep/two"));
        }

        if (stepsDone > 2)
        {
            Directory.Move(partial, Path.Combine(world.Data, "results/s-test/work"));
        }

        var outputs = await OutputPublisher.PublishAsync(world.Data, attempt, ["one", "deep/two"], TestContext.Current.CancellationToken);

        outputs.Select(output => (output.Path, output.Size)).ShouldBe([("one", 1L), ("deep/two", 2L)]);
        File.ReadAllText(world.Result("deep/two")).ShouldBe("22");
        Directory.Exists(partial).ShouldBeFalse();
        (await OutputPublisher.PublishAsync(world.Data, attempt, ["one", "deep/two"], TestContext.Current.CancellationToken)).ShouldBe(outputs);
    }

    [Theory]
    [InlineData("deep", "deep/two")]
    [InlineData("deep/two", "deep")]
    public async Task A_folder_and_a_file_in_it_are_published_whole_in_either_order(string first, string second)
    {
        await using var world = AgentWorld.Empty();
        var attempt = AgentWorld.Attempt(1);
        Directory.CreateDirectory(Path.Combine(world.RunDirectory(attempt), "deep"));
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "deep/one"), "1");
        File.WriteAllText(Path.Combine(world.RunDirectory(attempt), "deep/two"), "22");

        var outputs = await OutputPublisher.PublishAsync(world.Data, attempt, [first, second], TestContext.Current.CancellationToken);

        outputs.Select(output => output.Path).ShouldBe(["deep/one", "deep/two"], ignoreOrder: true);
        File.ReadAllText(world.Result("deep/one")).ShouldBe("1");
        File.ReadAllText(world.Result("deep/two")).ShouldBe("22");
    }

    [Fact]
    public async Task The_outputs_of_an_earlier_epoch_are_published_without_starting_anything()
    {
        await using var world = AgentWorld.WithAgent();
        var earlier = AgentWorld.Attempt(1);
        Directory.CreateDirectory(world.RunDirectory(earlier));
        File.WriteAllText(Path.Combine(world.RunDirectory(earlier), "out"), "kept");

        world.Run(AgentWorld.Stage("echo never > out", "out"), launch => launch with { PublishOnlyEpoch = 1 }, epoch: 2);

        var published = await world.Gateway.ReportAsync<AttemptReport.Published>();
        published.Sequence.ShouldBe(1);
        published.Attempt.Epoch.ShouldBe(2);
        File.ReadAllText(world.Result("out")).ShouldBe("kept");
    }

    [Fact]
    public async Task Outputs_of_an_earlier_epoch_that_are_gone_are_a_refusal()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage("exit 0", "out"), launch => launch with { PublishOnlyEpoch = 1 }, epoch: 2);

        (await world.Gateway.ReportAsync<AttemptReport.LaunchRefused>()).Reason.ShouldBe("The output out is neither in the run directory nor published.");
    }

    [Fact]
    public async Task Without_outputs_the_results_of_a_stage_are_an_empty_folder()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage("exit 0"));

        (await world.Gateway.ReportAsync<AttemptReport.Published>()).Outputs.ShouldBeEmpty();
        Directory.Exists(world.Result("")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_output_that_is_a_folder_is_published_with_all_its_files()
    {
        await using var world = AgentWorld.WithAgent();

        world.Run(AgentWorld.Stage("mkdir -p restart/b; echo 1 > restart/a; echo 2 > restart/b/c", "restart"));

        (await world.Gateway.ReportAsync<AttemptReport.Published>()).Outputs.Select(output => output.Path).ShouldBe(["restart/a", "restart/b/c"]);
    }
}
