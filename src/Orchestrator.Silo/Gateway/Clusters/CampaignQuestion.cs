using System.Collections.Immutable;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Forecasting.Planned;
using Orchestrator.Definitions;

namespace Orchestrator.Silo.Gateway.Clusters;

/// <summary>A campaign that might be submitted, as the planner is asked about it: each stage in its segments, after the stages that it waits for. Nothing of it is submitted.</summary>
internal sealed class CampaignQuestion
{
    /// <summary>The planner plays each of them.</summary>
    private const int StagesMax = 5000;

    private CampaignQuestion(Campaign campaign, ImmutableArray<LeaseRequest> first, ImmutableArray<FollowingRequest> then)
    {
        (Campaign, First, Then) = (campaign, first, then);
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
        for (var number = 0; number < fresh.Length; number++)
        {
            var simulation = fresh[number] with { Owner = fresh[number].Owner with { User = user } };
            var (atOnce, later) = ProspectiveRequests.Of(simulation, number, segmentsMax, now);
            first.AddRange(atOnce);
            then.AddRange(later);
        }

        return new(campaign with { Simulations = fresh }, first.ToImmutable(), then.ToImmutable());
    }

    /// <summary>What it would use and when, by the plan; what does not start as far as was played is left out.</summary>
    /// <param name="runs">Of its attempts.</param>
    /// <param name="cutAt">The queue was not played on from there, for want of time: what has no start is taken to start then. Null: it was played as far as was asked.</param>
    public IEnumerable<PlannedDemand> Demand(IEnumerable<ForecastRun> runs, DateTimeOffset? cutAt)
    {
        var requests = First.Concat(Then.Select(static each => each.Request)).ToDictionary(static request => request.Attempt);
        foreach (var run in runs)
        {
            if (!requests.TryGetValue(run.Attempt, out var request) || (run.Start ?? cutAt) is not { } from)
            {
                continue;
            }

            var until = run.End ?? from + (request.DurationExpected ?? request.DurationEstimate ?? TimeSpan.Zero);
            var hours = (until - from).TotalHours * request.Resources.Nodes;
            yield return new()
            {
                Campaign = Campaign.Name,
                Simulation = run.Attempt.Simulation.Value,
                Stage = run.Attempt.Stage,
                User = request.Owner.User,
                Project = $"{request.Owner.Institution}/{request.Owner.Project}",
                From = from,
                Until = until,
                CoreHours = hours * request.Resources.CoresPerNode,
                GpuHours = hours * request.Resources.GpusPerNode * request.Resources.GpuThousandths / 1000,
                Note = run.Start is null ? "its start is not known, since the queue was not played so far: it may start later" : null,
            };
        }
    }
}
