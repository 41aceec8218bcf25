using System.Collections.Immutable;
using Orchestrator.Cli.Reports;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Plans;

/// <summary>What a campaign would do on some nodes, by its own estimates.</summary>
internal sealed record CampaignPlan
{
    public Campaign Campaign { get; private init; } = new();

    /// <summary>Of one simulation; all of a campaign have the same graph.</summary>
    public WorkflowEstimate Each { get; private init; } = new();

    /// <summary>Over all simulations.</summary>
    public double CoreHours { get; private init; }

    public MakespanEstimate Makespan { get; private init; } = new();

    public int Nodes { get; private init; }

    public int CoresPerNode { get; private init; }

    /// <param name="campaign">At least one simulation.</param>
    /// <param name="nodes">At least 1.</param>
    /// <param name="coresPerNode">At least 1.</param>
    public static CampaignPlan Of(Campaign campaign, int nodes, int coresPerNode)
    {
        var each = WorkflowEstimate.Of(campaign.Simulations[0].Stages);
        return new()
        {
            Campaign = campaign,
            Each = each,
            CoreHours = each.CoreTime.TotalHours * campaign.Simulations.Length,
            Makespan = MakespanEstimate.Of([.. campaign.Simulations.Select(static simulation => simulation.Stages)], nodes, coresPerNode),
            Nodes = nodes,
            CoresPerNode = coresPerNode,
        };
    }

    /// <summary>The sizes that the stages ask for at most: nodes, and cores on each.</summary>
    public static (int Nodes, int CoresPerNode) LargestOf(Campaign campaign)
    {
        var stages = campaign.Simulations[0].Stages;
        return (stages.Max(static stage => stage.Resources.Nodes), stages.Max(static stage => stage.Resources.CoresPerNode));
    }

    public void Write(DateTimeOffset now, TextWriter output)
    {
        var stages = Campaign.Simulations[0].Stages;
        output.WriteLine(FormattableString.Invariant($"{Campaign.Name}: {ReportText.Of(Campaign.Simulations.Length, "simulation")}, {ReportText.Of((long)Campaign.Simulations.Length * stages.Length, "stage")}, {CoreHours:0.##} core-hours by their own estimates"));
        output.WriteLine("each simulation:");
        for (var level = 0; level < Each.Levels.Length; level++)
        {
            foreach (var name in Each.Levels[level])
            {
                output.WriteLine(FormattableString.Invariant($"  {level + 1}. {Describe(stages.First(stage => stage.Name == name))}"));
            }
        }

        foreach (var (name, conflict) in CheckpointConflicts(Campaign))
        {
            output.WriteLine($"checkpoints of {name}: {conflict}");
        }

        output.WriteLine($"critical path: {string.Join(" → ", Each.CriticalPath)}, {DurationWords.Of(Each.CriticalPathDuration)}");
        output.WriteLine(TellEnd(now));
    }

    /// <summary>Stages whose checkpoint limits contradict each other by what is believed before anything was measured, with the price of it.</summary>
    public static IEnumerable<(string Stage, string Conflict)> CheckpointConflicts(Campaign campaign) =>
        from stage in campaign.Simulations[0].Stages
        let plan = SimulationMachine.ExplainCheckpoints(stage)
        where plan.Conflict is not null
        select (stage.Name, plan.Conflict);

    /// <summary>Where it would end, as a sentence.</summary>
    public string TellEnd(DateTimeOffset now)
    {
        var place = $"on {ReportText.Of(Nodes, "node")} with {ReportText.Of(CoresPerNode, "core")} each";
        return Makespan switch
        {
            { Misfit: { } stage } => $"{place}: stage {stage.Name} can never start, since it asks for {Size(stage)}",
            { Duration: { } duration } => $"{place}: {(Makespan.IsBound ? "at least " : "")}{DurationWords.Of(duration)}, to about {ReportText.Moment(now + duration)} if it started now",
            _ => place,
        };
    }

    private static string Describe(StageDefinition stage)
    {
        var after = stage.After.Select(static dependency => More(dependency).ToArray() is { Length: > 0 } more ? $"{dependency.Stage} ({string.Join(", ", more)})" : dependency.Stage);
        if (stage.Kind == StageKind.Barrier)
        {
            return $"{stage.Name}: a barrier{(stage.After.Length > 0 ? $", after {string.Join(", ", after)}" : "")}";
        }

        return $"{stage.Name}: {Size(stage)}, {DurationWords.Of(stage.EstimatedDuration)}{(stage.After.Length > 0 ? $", after {string.Join(", ", after)}" : "")}";
    }

    /// <summary>What an edge asks for beside success.</summary>
    private static IEnumerable<string> More(Dependency edge)
    {
        if (edge.Kind == DependencyKind.Resource || edge.Condition != DependencyCondition.Success)
        {
            yield return edge switch
            {
                { Kind: DependencyKind.Resource } => "given back",
                { Condition: DependencyCondition.Progress } => FormattableString.Invariant($"progress >= {edge.Progress}"),
                { Condition: DependencyCondition.Artifact } => $"file {edge.Artifact}",
                _ => ReportText.Word(edge.Condition.ToString()),
            };
        }

        if (edge.Delay > TimeSpan.Zero)
        {
            yield return $"{DurationWords.Of(edge.Delay)} later";
        }

        if (edge.Approval is { } who)
        {
            yield return $"approved by {who}";
        }

        if (edge.When is { } when)
        {
            yield return $"when {when}";
        }
    }

    private static string Size(StageDefinition stage)
    {
        ImmutableArray<string> parts =
        [
            ReportText.Of(stage.Resources.Nodes, "node"),
            ReportText.Of(stage.Resources.CoresPerNode, "core") + (stage.Resources.Nodes > 1 ? " each" : ""),
            .. stage.Resources.GpusPerNode > 0 ? [ReportText.Of(stage.Resources.GpusPerNode, "GPU")] : Array.Empty<string>(),
        ];
        return string.Join(", ", parts);
    }
}
