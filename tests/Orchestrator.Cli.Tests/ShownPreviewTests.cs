using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Tests;

public sealed class ShownPreviewTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly SimulationId Film = new("s-film");

    private static readonly StageView Render = new()
    {
        Name = "render",
        Status = StageStatus.Running,
        Epoch = 2,
        Previews =
        [
            new() { Level = 25, Quality = 0.25, Path = "runs/s-film/render/e1/run/progressive_25pct_2.png", Epoch = 1, Order = 2, MadeAt = Now, Cost = TimeSpan.FromSeconds(1.5), Size = 7 },
            new() { Level = 50, Quality = 0.5, Path = "runs/s-film/render/e2/run/progressive_50pct_1.png", Epoch = 2, Order = 1, MadeAt = Now.AddMinutes(1) },
        ],
        Artifacts = [new() { Path = "progressive_50pct_1.png", Quality = 0.5, Size = 9 }, new() { Path = "rough.obj", Quality = 0.1, Size = 5 }],
        NextPreviewAt = Now.AddMinutes(30),
    };

    [Fact]
    public void The_best_one_is_first_and_each_file_is_told_once()
    {
        var shown = ShownPreview.Of("/data", new() { Id = Film, Stages = [Render] });

        shown.Select(static one => one.Path).ShouldBe(
            ["/data/runs/s-film/render/e2/run/progressive_50pct_1.png", "/data/runs/s-film/render/e1/run/progressive_25pct_2.png", "/data/runs/s-film/render/e2/run/rough.obj"]);
        shown.Select(static one => one.Level).ShouldBe([50, 25, null]);
        shown[1].Seconds.ShouldBe(1.5);
    }

    [Fact]
    public void The_status_of_a_stage_has_its_best_one_and_when_the_next_is_ordered()
    {
        var line = ShownPreview.Line("/data", Film, Render with { Previews = [Render.Previews[0]], Artifacts = [] }, Now).ShouldNotBeNull();

        line.ShouldStartWith("render: preview of 25");
        line.ShouldContain("/data/runs/s-film/render/e1/run/progressive_25pct_2.png, made ");
        line.ShouldContain(", took 1.5 s; the next is ordered at ");
        ShownPreview.Line("/data", Film, new() { Name = "render", Status = StageStatus.Running, NextPreviewAt = Now }, Now)!.ShouldStartWith("render: no preview yet");
        ShownPreview.Line("/data", Film, new() { Name = "render", Status = StageStatus.Running }, Now).ShouldBeNull();
        ShownPreview.Line("/data", Film, Render with { Status = StageStatus.Completed, NextPreviewAt = null }, Now).ShouldBeNull("its result is better than any preview");
    }

    [Fact]
    public void Simulations_are_chosen_by_everything_that_is_named()
    {
        var row = new SimulationSummary { Labels = new SimulationSummary().Labels.Add("client", "acme").Add("shot", "7"), Status = SimulationStatus.Failed, User = "ada", Project = "eth/climate" };

        new RowFilter { Labels = [StatusCommand.LabelOf("client=acme"), StatusCommand.LabelOf("shot=7")] }.Has(row).ShouldBeTrue();
        new RowFilter { Labels = [StatusCommand.LabelOf("client=acme"), StatusCommand.LabelOf("shot=8")] }.Has(row).ShouldBeFalse();
        new RowFilter { Labels = [StatusCommand.LabelOf("place=")] }.Has(row).ShouldBeFalse();
        new RowFilter { Statuses = [SimulationStatus.Running, SimulationStatus.Failed], User = "ada", Project = "eth/climate" }.Has(row).ShouldBeTrue();
        new RowFilter { Statuses = [SimulationStatus.Running] }.Has(row).ShouldBeFalse();
        new RowFilter { User = "bob" }.Has(row).ShouldBeFalse();
        new RowFilter { Project = "uni/climate" }.Has(row).ShouldBeFalse();
        new RowFilter().Has(row).ShouldBeTrue();
        new RowFilter { Labels = [("client", "acme")], Statuses = [SimulationStatus.Failed], User = "ada" }.ToString().ShouldBe("client=acme and the status failed and the user ada");
        Should.Throw<CommandException>(() => StatusCommand.LabelOf("client")).Message.ShouldContain("NAME=VALUE");
    }
}
