using System.Collections.Immutable;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Scenarios.Reallocation;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads <c>compare:</c>, by what scenarios are judged and how they are steered.</summary>
internal sealed class ComparisonReader(ProblemList problems)
{
    /// <returns>Null: the simulations are not compared.</returns>
    public Comparison? Read(MappingReader parent)
    {
        if (parent.Value("compare") is not { } node)
        {
            return null;
        }

        var reader = new MappingReader(node, "compare", problems, CampaignKeys.Compare);
        var steering = reader.Choice("steering", SteeringMode.Advise);
        reader.Require("objective", "a mapping with metric, direction");
        if (reader.Value("objective") is not { } inner)
        {
            return null;
        }

        var objective = new MappingReader(inner, "compare.objective", problems, CampaignKeys.Objective);
        objective.Require("metric", "the name of a metric that the programs report");
        objective.Require("direction", "higher, lower");
        var interval = reader.Duration("interval", TimeSpan.FromHours(4));
        if (interval is { } time && (time < TimeSpan.FromMinutes(1) || time > TimeSpan.FromDays(30)))
        {
            reader.Refuse("interval", $"\"{time}\" is not in range", "1m to 30d");
        }

        return new()
        {
            Target = objective.Number("target", double.NegativeInfinity, double.PositiveInfinity),
            Metrics = ReadMetrics(reader),
            Objectives = ReadObjectives(reader),
            MinimumChange = reader.Number("minimum_change", 0, 1) ?? 0.05,
            MaximumShift = reader.Number("maximum_shift", 0, 1) ?? 0.2,
            Priorities = reader.Choice("priorities", PriorityRule.Evaluation),
            Floor = reader.Number("floor", 0, 1) ?? 0.1,
            Strategy = reader.Choice("strategy", ReallocationStrategy.Balanced),
            Interval = interval ?? TimeSpan.FromHours(4),
            Metric = objective.Text("metric", "the name of a metric that the programs report") ?? "",
            Direction = objective.Choice("direction", ObjectiveDirection.Higher),
            Steering = steering,
        };
    }

    /// <summary>Metrics beside the objective, by name.</summary>
    private ImmutableArray<MetricTarget> ReadMetrics(MappingReader parent)
    {
        if (parent.Value("metrics") is not { } node)
        {
            return [];
        }

        var reader = new MappingReader(node, "compare.metrics", problems, null);
        var metrics = ImmutableArray.CreateBuilder<MetricTarget>();
        foreach (var name in reader.Keys)
        {
            var metric = new MappingReader(reader.Value(name)!, $"compare.metrics.{name}", problems, CampaignKeys.ComparedMetric);
            metric.Require("direction", "higher, lower");
            metrics.Add(new()
            {
                Metric = name,
                Direction = metric.Choice("direction", MetricDirection.Higher),
                Target = metric.Number("target", double.NegativeInfinity, double.PositiveInfinity),
                Weight = metric.Number("weight", 0, 1000) ?? 1,
                Confidence = metric.Number("confidence", 0, 1) ?? 1,
            });
        }

        return metrics.ToImmutable();
    }

    /// <summary>Questions of the research, each with the metrics or tags that have to do with it.</summary>
    private ImmutableArray<ResearchObjective> ReadObjectives(MappingReader parent)
    {
        const string Allowed = "a list of mappings with name, importance, metrics; each name once";
        if (parent.Value("objectives") is not { } node)
        {
            return [];
        }

        if (node is not YamlSequenceNode list || list.Children.Count == 0)
        {
            parent.Refuse("objectives", "it is no list, or empty", Allowed);
            return [];
        }

        var objectives = ImmutableArray.CreateBuilder<ResearchObjective>();
        for (var index = 0; index < list.Children.Count; index++)
        {
            var reader = new MappingReader(list.Children[index], $"compare.objectives[{index}]", problems, CampaignKeys.ResearchObjective);
            reader.Require("name", "a name");
            reader.Require("metrics", "one or a list of names of metrics, or of tags of scenarios");
            var objective = new ResearchObjective
            {
                Name = reader.Text("name", "a name") ?? "",
                Importance = reader.Number("importance", 0, 1) ?? 1,
                TargetMetrics = [.. reader.Texts("metrics", "names of metrics, or of tags of scenarios").Select(static metric => metric.Text)],
            };
            if (objective.Name.Length > 0 && objectives.Any(other => other.Name == objective.Name))
            {
                reader.Refuse("name", $"\"{objective.Name}\" is there twice", Allowed);
            }

            objectives.Add(objective);
        }

        return objectives.ToImmutable();
    }
}
