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

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_a_link_names_is_published_and_is_there_when_the_run_directory_is_gone(bool isAbsolute)
    {
        await using var world = AgentWorld.Empty();
        var attempt = AgentWorld.Attempt(1);
        var run = world.RunDirectory(attempt);
        Directory.CreateDirectory(Path.Combine(run, "plots"));
        File.WriteAllText(Path.Combine(run, "history-0042.nc"), "months");
        File.WriteAllText(Path.Combine(run, "plots/one.png"), "picture");
        Link("history.nc", "history-0042.nc");
        Link("plots/source.nc", "../history-0042.nc");
        Link("plots/newest.png", "one.png");

        var outputs = await OutputPublisher.PublishAsync(world.Data, attempt, ["history.nc", "plots"], TestContext.Current.CancellationToken);
        (await OutputPublisher.PublishAsync(world.Data, attempt, ["history.nc", "plots"], TestContext.Current.CancellationToken)).ShouldBe(outputs, "a repeat gives the same");
        Directory.Delete(run, recursive: true);

        outputs.Select(static output => (output.Path, output.Size)).ShouldBe([("history.nc", 6L), ("plots/newest.png", 7L), ("plots/one.png", 7L), ("plots/source.nc", 6L)]);
        File.ReadAllText(world.Result("history.nc")).ShouldBe("months");
        File.ReadAllText(world.Result("plots/source.nc")).ShouldBe("months");
        File.ReadAllText(world.Result("plots/newest.png")).ShouldBe("picture");

        void Link(string name, string target)
        {
            var path = Path.Combine(run, name);
            File.CreateSymbolicLink(path, isAbsolute ? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, target)) : target);
        }
    }

    [Fact]
    public async Task Links_to_what_lies_outside_of_the_run_directory_stay_links_that_are_true()
    {
        await using var world = AgentWorld.Empty();
        var attempt = AgentWorld.Attempt(1);
        var run = world.RunDirectory(attempt);
        Directory.CreateDirectory(run);
        Directory.CreateDirectory(Path.Combine(world.Data, "inputs"));
        File.WriteAllText(Path.Combine(world.Data, "inputs/grid.nc"), "grid");
        File.CreateSymbolicLink(Path.Combine(run, "grid.nc"), Path.GetRelativePath(run, Path.Combine(world.Data, "inputs/grid.nc")));

        await OutputPublisher.PublishAsync(world.Data, attempt, ["grid.nc"], TestContext.Current.CancellationToken);

        new FileInfo(world.Result("grid.nc")).LinkTarget.ShouldBe(Path.Combine(world.Data, "inputs/grid.nc"));
        File.ReadAllText(world.Result("grid.nc")).ShouldBe("grid");
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
