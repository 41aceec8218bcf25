using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Cli.Reports;

/// <summary>Stages and dependencies with their states, for Graphviz.</summary>
internal static class GraphDot
{
    public const string FileName = "graph.dot";

    /// <summary>With more simulations, those of the same graph are drawn once, with counts.</summary>
    private const int DrawnMax = 50;

    public static void Write(RunRecord record, TextWriter output)
    {
        output.WriteLine($"digraph {Quote(record.Title)} {{");
        output.WriteLine("  rankdir=LR;");
        output.WriteLine("  node [shape=box, style=filled, fontname=\"sans-serif\"];");
        if (record.Simulations.Length <= DrawnMax)
        {
            foreach (var simulation in record.Simulations)
            {
                output.WriteLine($"  subgraph {Quote($"cluster {simulation.Id}")} {{");
                output.WriteLine($"    label={Quote($"{ReportMarkdown.NameOf(simulation)}\n{ReportText.Word(simulation.Status.ToString())}")};");
                foreach (var stage in simulation.Stages)
                {
                    output.WriteLine($"    {Quote($"{simulation.Id}/{stage.Name}")} [label={Quote($"{stage.Name}\n{ReportText.Word(stage.Status.ToString())}")}, fillcolor={Quote(Colour(stage.Status))}];");
                }

                foreach (var stage in simulation.Stages)
                {
                    foreach (var dependency in stage.After)
                    {
                        output.WriteLine($"    {Quote($"{simulation.Id}/{dependency.Stage}")} -> {Quote($"{simulation.Id}/{stage.Name}")}{Label(dependency)};");
                    }
                }

                output.WriteLine("  }");
            }
        }
        else
        {
            WriteCounted(record, output);
        }

        output.WriteLine("}");
    }

    private static void WriteCounted(RunRecord record, TextWriter output)
    {
        var stages = record.Simulations.SelectMany(static simulation => simulation.Stages).GroupBy(static stage => stage.Name).ToArray();
        foreach (var stage in stages)
        {
            var states = stage.GroupBy(static one => one.Status).OrderBy(static group => group.Key).Select(static group => $"{ReportText.Count(group.Count())} {ReportText.Word(group.Key.ToString())}");
            var worst = stage.Select(static one => one.Status).MinBy(static status => status is StageStatus.Failed ? 0 : status is StageStatus.Completed ? 2 : 1);
            output.WriteLine($"  {Quote(stage.Key)} [label={Quote($"{stage.Key}\n{string.Join('\n', states)}")}, fillcolor={Quote(Colour(worst))}];");
        }

        foreach (var edge in stages.SelectMany(static stage => stage.SelectMany(static one => one.After).Distinct().Select(dependency => $"  {Quote(dependency.Stage)} -> {Quote(stage.Key)}{Label(dependency)};")))
        {
            output.WriteLine(edge);
        }
    }

    private static string Label(Dependency dependency) => dependency.Condition switch
    {
        DependencyCondition.Success when dependency is { When: null, Approval: null, Delay.Ticks: 0 } => "",
        DependencyCondition.Success => $" [label={Quote(dependency.When ?? (dependency.Approval is { } who ? $"approval {who}" : FormattableString.Invariant($"+{dependency.Delay:c}")))}]",
        DependencyCondition.Artifact => $" [label={Quote(dependency.Artifact ?? "")}]",
        DependencyCondition.Progress => FormattableString.Invariant($" [label=\"progress >= {dependency.Progress}\"]"),
        var condition => $" [label={Quote(ReportText.Word(condition.ToString()))}]",
    };

    private static string Colour(StageStatus status) => status switch
    {
        StageStatus.Completed => "#b7e1cd",
        StageStatus.Failed => "#f4b6b6",
        StageStatus.SoftFailed => "#f9d9b0",
        StageStatus.Starting or StageStatus.Running or StageStatus.Publishing => "#bcd9f5",
        StageStatus.Skipped or StageStatus.Cancelled => "#dddddd",
        _ => "white",
    };

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
