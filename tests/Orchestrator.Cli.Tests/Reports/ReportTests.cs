using System.Text.Json;
using System.Xml.Linq;
using Orchestrator.Cli.Reports;
using Orchestrator.Core.Events;

namespace Orchestrator.Cli.Tests.Reports;

public sealed class ReportTests
{
    private static readonly RunRecord Run = SampleRun.Create();

    [Fact]
    public void A_loss_is_told_from_the_node_to_the_steps_again()
    {
        var loss = Losses.Of(Run.Events, static _ => "co2/4xCO2/2").ShouldHaveSingleItem();

        loss.Tell().ShouldBe("node-3 was lost with coupled of co2/4xCO2/2 at step 1,800; noticed after 2.1 s; restored step 1,600 on node-1; 200 steps again");
    }

    [Fact]
    public void A_loss_that_has_not_gone_on_says_so() =>
        Losses.Of([.. Run.Events.SkipLast(1)], static id => id.Value).ShouldHaveSingleItem().Tell().ShouldEndWith("it has not gone on yet");

    [Fact]
    public void The_report_has_a_row_for_each_simulation_its_losses_and_the_comparison()
    {
        var text = Text(output => ReportMarkdown.Write(Run, output));

        text.ShouldStartWith("# co2 &lt;4x&gt; &amp; \"more\" \\| all");
        text.ShouldContain("| co2/4xCO2/2 | completed | 3 | 9 | 200 | 59 s |");
        text.ShouldContain("| co2/control/1 | failed | 0 | 0 | 0 | not started |");
        text.ShouldContain("- co2/control/1: Stage x failed: exit status 3 \\| &lt;nothing&gt; left.");
        text.ShouldContain("- 31 s: node-3 was lost");
        text.ShouldContain("| 4xCO2 | 1 | 2 | 0.52 ± 0.001 |");
        text.Split('\n').Where(static line => line.StartsWith("|---", StringComparison.Ordinal)).Count().ShouldBe(2);
    }

    [Fact]
    public void The_picture_is_well_formed_and_marks_the_loss_and_each_attempt()
    {
        var picture = XDocument.Parse(Text(output => TimelineSvg.Write(Timeline.Of(Run), output)));

        var titles = picture.Descendants(picture.Root!.Name.Namespace + "title").Select(static title => title.Value).ToArray();
        titles.ShouldContain("co2/4xCO2/2 coupled, epoch 1: node lost");
        titles.ShouldContain("co2/4xCO2/2 coupled, epoch 2: completed");
        titles.ShouldContain("node-3 lost");
        titles.ShouldContain("e1/step-00001600");
        picture.ToString().ShouldNotContain("NaN");
    }

    [Fact]
    public void The_timeline_for_programs_has_each_attempt_once_on_its_node()
    {
        using var timeline = JsonDocument.Parse(Text(output => TimelineJson.Write(Timeline.Of(Run), output)));

        var nodes = timeline.RootElement.GetProperty("nodes");
        nodes.EnumerateArray().Select(static node => node.GetProperty("node").GetString()).ShouldBe(["node-1", "node-3"]);
        var lost = nodes[1].GetProperty("attempts").EnumerateArray().ShouldHaveSingleItem();
        lost.GetProperty("reason").GetString().ShouldBe("nodeLost");
        lost.GetProperty("checkpoints")[0].GetProperty("step").GetInt64().ShouldBe(1600);
        nodes[1].GetProperty("losses").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public void The_graph_names_stages_dependencies_and_states()
    {
        var graph = Text(output => GraphDot.Write(Run, output));

        graph.ShouldStartWith("digraph \"co2 <4x> & \\\"more\\\" | all\" {");
        graph.ShouldContain("\"s-co2-4xCO2-2/spin-up\" -> \"s-co2-4xCO2-2/coupled\";");
        graph.ShouldContain("label=\"coupled\\ncompleted\"");
    }

    [Fact]
    public void A_graph_of_many_simulations_is_drawn_once_with_counts()
    {
        var many = Run with { Simulations = [.. Enumerable.Repeat(Run.Simulations[0], 60)] };

        var graph = Text(output => GraphDot.Write(many, output));

        graph.ShouldContain("\"coupled\" [label=\"coupled\\n60 completed\"");
        graph.ShouldContain("\"spin-up\" -> \"coupled\";");
        graph.ShouldNotContain("subgraph");
    }

    [Fact]
    public void Usage_has_a_line_for_each_attempt()
    {
        var lines = Text(output => UsageCsv.Write(Run, output)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        lines.Length.ShouldBe(3);
        lines[1].ShouldBe("s-co2-4xCO2-2,coupled,1,node-3,2026-03-01T12:00:11.000Z,2026-03-01T12:00:31.000Z,node lost,20,1.5,20,0,1048576,0,4096");
        lines[0].Split(',').Length.ShouldBe(lines[1].Split(',').Length);
    }

    [Fact]
    public void The_same_run_gives_the_same_files()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-report-");

        ReportFolder.Write(folder.FullName, Run);
        var first = folder.GetFiles().ToDictionary(static file => file.Name, static file => File.ReadAllText(file.FullName));
        ReportFolder.Write(folder.FullName, SampleRun.Create());

        first.Keys.ShouldBe(["report.md", "timeline.svg", "timeline.json", "graph.dot", "usage.csv"], ignoreOrder: true);
        folder.GetFiles().ShouldAllBe(file => File.ReadAllText(file.FullName) == first[file.Name]);
        folder.Delete(recursive: true);
    }

    [Fact]
    public void A_run_in_which_nothing_ran_has_a_report_too()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-report-");

        ReportFolder.Write(folder.FullName, new() { Title = "empty", WrittenAt = SampleRun.Start });

        File.ReadAllText(Path.Combine(folder.FullName, "report.md")).ShouldContain("No attempt was lost.");
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(2.06, "2.1 s")]
    [InlineData(31, "31 s")]
    [InlineData(245, "4 min 05 s")]
    [InlineData(12000, "3 h 20 min")]
    [InlineData(1051200, "12 d 4 h")]
    public void Times_are_told_in_the_units_that_matter(double seconds, string text) => DurationWords.Of(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    private static string Text(Action<TextWriter> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(output);
        return output.ToString();
    }
}
