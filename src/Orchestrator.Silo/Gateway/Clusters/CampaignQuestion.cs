using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>A campaign that might be submitted, as the planner is asked about it: each stage in its segments, after the stages that it waits for. Nothing of it is submitted.</summary>
internal sealed class CampaignQuestion
{
    /// <summary>The planner plays each of them.</summary>
    private const int StagesMax = 5000;

    private readonly ImmutableDictionary<(SimulationId Simulation, string Stage), (SimulationDefinition Simulation, StageDefinition Stage)> stages;

    private CampaignQuestion(
        Campaign campaign, ImmutableArray<LeaseRequest> first, ImmutableArray<FollowingRequest> then, ImmutableDictionary<(SimulationId, string), (SimulationDefinition, StageDefinition)> stages)
    {
        (Campaign, First, Then, this.stages) = (campaign, first, then, stages);
    }

    public Campaign Campaign { get; }

    /// <summary>Those that would wait for nodes at once.</summary>
    public ImmutableArray<LeaseRequest> First { get; }

    public ImmutableArray<FollowingRequest> Then { get; }

    /// <param name="text">A campaign file.</param>
    /// <param name="known">Simulations that are there already: only what is new is asked about.</param>
    /// <param name="user">Who would submit it.</param>
    /// <param name="now">When.</param>
    /// <exception cref="ProblemException">It has mistakes, all of which are told; or there is nothing new in it, or too much.</exception>
    public static CampaignQuestion Read(string text, IReadOnlySet<string> known, string user, DateTimeOffset now)
    {
        var reading = CampaignFile.Read(text);
        if (reading.Campaign is not { } campaign)
        {
            throw ProblemException.Unprocessable(
                reading.Problems.Length == 1 ? "The campaign has a mistake." : $"The campaign has {reading.Problems.Length} mistakes.",
                [.. reading.Problems.Select(static problem => new InputProblem { Line = (int)problem.Line, Column = (int)problem.Column, Path = problem.Path, Message = problem.Message, Allowed = problem.Allowed })]);
        }

        var fresh = campaign.Simulations.Where(simulation => !known.Contains(simulation.Id.Value)).ToImmutableArray();
        if (fresh.IsEmpty)
        {
            throw ProblemException.Invalid(new InputProblem { Path = "campaign", Message = $"all of {campaign.Name} is submitted already", Allowed = "a campaign that is not, since what is submitted is in the plan as it is" });
        }

        if (fresh.Sum(static simulation => (long)simulation.Stages.Length) > StagesMax)
        {
            throw ProblemException.Invalid(new InputProblem { Path = "campaign", Message = $"it has more than {StagesMax} stages", Allowed = $"at most {StagesMax} stages in all" });
        }

        // Short segments are asked about one by one as long as the whole stays within what the planner plays.
        var segmentsMax = (int)Math.Max(1, StagesMax / Math.Max(1, fresh.Sum(static simulation => (long)simulation.Stages.Length)));
        var (first, then) = (ImmutableArray.CreateBuilder<LeaseRequest>(), ImmutableArray.CreateBuilder<FollowingRequest>());
        var stages = ImmutableDictionary.CreateBuilder<(SimulationId, string), (SimulationDefinition, StageDefinition)>();
        for (var number = 0; number < fresh.Length; number++)
        {
            var simulation = fresh[number] with { Owner = fresh[number].Owner with { User = user } };
            var (atOnce, later) = ProspectiveRequests.Of(simulation, number, segmentsMax, now);
            first.AddRange(atOnce);
            then.AddRange(later);
            stages.AddRange(simulation.Stages.Select(stage => KeyValuePair.Create((simulation.Id, stage.Name), (simulation, stage))));
        }

        return new(campaign with { Simulations = fresh }, first.ToImmutable(), then.ToImmutable(), stages.ToImmutable());
    }

    /// <summary>What it would use and when, by the plan; what does not start as far as was played is left out.</summary>
    public ImmutableArray<PlannedDemand> Demand(IEnumerable<ForecastRun> runs) =>
    [
        .. from run in runs
           where stages.ContainsKey((run.Attempt.Simulation, run.Attempt.Stage)) && run is { Start: not null, End: not null }
           let definition = stages[(run.Attempt.Simulation, run.Attempt.Stage)]
           let hours = (run.End!.Value - run.Start!.Value).TotalHours
           let resources = definition.Stage.Resources
           select new PlannedDemand
           {
               Campaign = Campaign.Name,
               Simulation = run.Attempt.Simulation.Value,
               Stage = run.Attempt.Stage,
               User = definition.Simulation.Owner.User,
               Project = $"{definition.Simulation.Owner.Institution}/{definition.Simulation.Owner.Project}",
               From = run.Start!.Value,
               Until = run.End!.Value,
               CoreHours = hours * resources.Nodes * resources.CoresPerNode,
               GpuHours = hours * resources.Nodes * resources.GpusPerNode * resources.GpuThousandths / 1000,
           },
    ];
}
