using Orchestrator.Core.Checkpoints;

namespace Orchestrator.Definitions.Tests;

public sealed class CheckpointKeysTests
{
    [Fact]
    public void A_level_sets_what_is_not_given_beside_it()
    {
        var policy = Read("{ level: maximum, max_loss: 10m, keep: { recent: 4, every: 50, size: 2G } }");

        policy.Level.ShouldBe(ResilienceLevel.Maximum);
        policy.Every.ShouldBe(CheckpointTrigger.Hybrid);
        policy.Interval.ShouldBe(TimeSpan.FromMinutes(15));
        policy.MaxLoss.ShouldBe(TimeSpan.FromMinutes(10));
        policy.ReadBack.ShouldBeTrue();
        policy.KeepRecent.ShouldBe(4);
        policy.Retention.ShouldBe(new() { Daily = 7, Weekly = 4, Monthly = 6, EveryNth = 50, BytesMax = 2L << 30 });
    }

    [Fact]
    public void Strategies_are_named_in_every()
    {
        Read("{ every: 5% }").ProgressDelta.ShouldBe(0.05);
        Read("{ every: 5% }").Every.ShouldBe(CheckpointTrigger.Progress);
        Read("{ every: event, on: [artifact, stage-end] }").On.ShouldBe([CheckpointEvent.Artifact, CheckpointEvent.StageEnd]);
        Read("{ every: hybrid }").Interval.ShouldBe(TimeSpan.FromHours(1));
        var hybrid = Read("{ every: hybrid, interval: 20m, progress: 2.5%, overhead: 1% }");
        (hybrid.Every, hybrid.Interval, hybrid.ProgressDelta, hybrid.OverheadMax).ShouldBe((CheckpointTrigger.Hybrid, TimeSpan.FromMinutes(20), 0.025, 0.01));
    }

    [Fact]
    public void Completion_may_be_a_count_or_a_line_of_a_log()
    {
        Read("{ files: 'restart.*', complete_when: { count: 4 } }").CompleteCount.ShouldBe(4);
        var policy = Read("{ files: 'restart.*', complete_when: { pattern: '^ *(?<step>[0-9]+) ', in: log.lammps } }");
        policy.CompleteWhen.ShouldBe(CheckpointCompletion.Pattern);
        policy.CompletePattern.ShouldBe("^ *(?<step>[0-9]+) ");
        policy.CompleteIn.ShouldBe("log.lammps");
    }

    [Theory]
    [InlineData("{ every: 5%% }", "stages.s.checkpoint.every")]
    [InlineData("{ overhead: 2 }", "stages.s.checkpoint.overhead")]
    [InlineData("{ overhead: 100% }", "stages.s.checkpoint.overhead")]
    [InlineData("{ on: [storm] }", "stages.s.checkpoint.on")]
    [InlineData("{ complete_when: count }", "stages.s.checkpoint.complete_when")]
    [InlineData("{ complete_when: { pattern: '(' } }", "stages.s.checkpoint.complete_when.pattern")]
    [InlineData("{ complete_when: { counts: 3 } }", "stages.s.checkpoint.complete_when.counts")]
    [InlineData("{ keep: { recent: 1 } }", "stages.s.checkpoint.keep.recent")]
    [InlineData("{ keep: { recently: 3 } }", "stages.s.checkpoint.keep.recently")]
    [InlineData("{ level: medium }", "stages.s.checkpoint.level")]
    public void A_mistake_is_named_with_its_place(string checkpoint, string place) =>
        CampaignFile.Read(Text(checkpoint)).Problems.ShouldContain(problem => problem.Path == place);

    [Fact]
    public void Appended_files_are_relative_to_the_run_directory()
    {
        CampaignFile.Read("name: a\nproject: a/b\nstages: { s: { run: x, appends: [log.txt, series.csv] } }").Campaign!.Simulations[0].Stages[0].Appends.ShouldBe(["log.txt", "series.csv"]);
        CampaignFile.Read("name: a\nproject: a/b\nstages: { s: { run: x, appends: ../log } }").Problems.ShouldNotBeEmpty();
    }

    [Fact]
    public void Previews_are_off_unless_a_stage_has_the_key_and_defaults_go_below_it()
    {
        const string Campaign = "name: a\nproject: a/b\ndefaults: { preview: { every: 15m, overhead: 3% } }\nstages: { s: { run: x, preview: { levels: [20, 40%, 60, 80] } }, t: { run: x, preview: { enabled: false } } }";
        var stages = CampaignFile.Read(Campaign).Campaign!.Simulations[0].Stages;

        stages[0].Preview.ShouldNotBeNull().Levels.ShouldBe([20, 40, 60, 80]);
        (stages[0].Preview!.Enabled, stages[0].Preview!.Every, stages[0].Preview!.OverheadMax).ShouldBe((true, TimeSpan.FromMinutes(15), 0.03));
        stages[1].Preview!.Enabled.ShouldBeFalse();
        CampaignFile.Read("name: a\nproject: a/b\nstages: { s: { run: x } }").Campaign!.Simulations[0].Stages[0].Preview.ShouldBeNull();
    }

    [Theory]
    [InlineData("{ every: 30 }", "stages.s.preview.every")]
    [InlineData("{ every: 0s }", "stages.s.preview.every")]
    [InlineData("{ levels: [50, 10] }", "stages.s.preview.levels")]
    [InlineData("{ levels: [] }", "stages.s.preview.levels")]
    [InlineData("{ levels: [half] }", "stages.s.preview.levels")]
    [InlineData("{ overhead: 3 }", "stages.s.preview.overhead")]
    [InlineData("{ interval: 30m }", "stages.s.preview.interval")]
    [InlineData("often", "stages.s.preview")]
    public void A_mistake_about_previews_is_named_with_its_place(string preview, string place) =>
        CampaignFile.Read($"name: a\nproject: a/b\nstages: {{ s: {{ run: x, preview: {preview} }} }}").Problems.ShouldContain(problem => problem.Path == place);

    private static string Text(string checkpoint) => $"name: a\nproject: a/b\nstages: {{ s: {{ run: x, checkpoint: {checkpoint} }} }}";

    private static CheckpointPolicy Read(string checkpoint)
    {
        var reading = CampaignFile.Read(Text(checkpoint));
        reading.Problems.ShouldBeEmpty();
        return reading.Campaign!.Simulations[0].Stages[0].Checkpoint;
    }
}
