using System.Collections.Immutable;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Core.Workflows;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Campaigns;

/// <summary>What is looked at before anything new is accepted: nothing of what is refused here was submitted.</summary>
internal sealed class SubmissionChecks(IGrainFactory grains, ISimulationIndex index, SiloConfiguration configuration, TimeProvider clock)
{
    /// <summary>Whether nothing speaks against new simulations: a deadline that is over, a reservation that is not theirs to name, stages that no node could ever hold.</summary>
    /// <param name="fresh">Those that are new.</param>
    /// <param name="isMore">Of a campaign of which there is something: what was right for that, and is over by now, must not keep the rest from it.</param>
    /// <exception cref="ProblemException">Something does: all of it is told.</exception>
    public async Task CheckAsync(ImmutableArray<SimulationDefinition> fresh, bool isMore = false)
    {
        ImmutableArray<InputProblem> arranged = isMore ? [] : [.. Deadlines(fresh), .. await ReservationsAsync(fresh)];
        var stages = await FitAsync(fresh);
        ImmutableArray<InputProblem> problems = [.. arranged, .. stages];
        if (problems.Length > 0)
        {
            throw ProblemException.Unprocessable(
                problems.Length == 1 ? $"{problems[0].Path}: {problems[0].Message}; nothing was submitted."
                : arranged.IsEmpty ? $"{problems.Length} stages can never run here; nothing was submitted."
                : $"{problems.Length} things speak against it; nothing was submitted.",
                problems);
        }
    }

    /// <summary>So many live simulations as the site allows, and no more: all of a campaign, or nothing of it.</summary>
    /// <exception cref="ProblemException">They would be more.</exception>
    public async Task CheckRoomAsync(int count, Ownership owner)
    {
        await BoundAsync(configuration.Deployment.LiveSimulationsMax, new() { IsLive = true }, "");

        // A user's name is an institution's: another one's user of the same name is somebody else.
        await BoundAsync(configuration.Deployment.LiveSimulationsOfUserMax, new() { IsLive = true, Owner = owner.User, Institution = owner.Institution }, $" of {owner.User}");

        async Task BoundAsync(int? most, SimulationIndexFilter filter, string whose)
        {
            if (most is { } maximum && count > 0 && (await index.CountByStatusAsync(filter)).Values.Sum() is var live && live + count > maximum)
            {
                throw new ProblemException(new()
                {
                    Status = 409,
                    Title = $"{live} simulations{whose} wait or run; with {count} more they would be above the maximum of {maximum}. Nothing was submitted.",
                    Problems = [new() { Path = "simulations", Message = $"{live} are live and {count} are new", Allowed = $"{maximum} live ones at once{whose}" }],
                });
            }
        }
    }

    /// <exception cref="ProblemException">The name of the campaign is others'.</exception>
    public static void CheckName(string field, string name, Ownership owner, Caller caller, IReadOnlyCollection<Ownership> holders)
    {
        if (CampaignName.Problem(field, name, owner, caller.Principal.Role, holders) is { } problem)
        {
            var refused = BodyCheck.Refused(problem).Problem;
            throw new ProblemException(refused with { Status = 409, Title = $"{refused.Title.TrimEnd('.')}; nothing was submitted." });
        }
    }

    /// <summary>Whose the work of a campaign is, as far as it decides whether one more simulation may come under the name: the newest, and what the user himself has.</summary>
    public async Task<IReadOnlyCollection<Ownership>> HoldersAsync(string campaign, Ownership owner)
    {
        var newest = await index.QueryAsync(new() { Campaign = campaign }, limit: 1);
        var own = await index.QueryAsync(new() { Campaign = campaign, Owner = owner.User, Project = $"{owner.Institution}/{owner.Project}" }, limit: 1);
        return [.. newest.Entries.Concat(own.Entries).Select(OwnerOf)];
    }

    /// <summary>Whose a row of the index is: its project is "institution/project".</summary>
    public static Ownership OwnerOf(SimulationIndexEntry entry) => entry.Project?.Split('/') is [var institution, var project]
        ? new() { Institution = institution, Project = project, User = entry.Owner ?? "" }
        : new() { Institution = entry.Institution ?? "", Project = entry.Project ?? "", User = entry.Owner ?? "" };

    private IEnumerable<InputProblem> Deadlines(ImmutableArray<SimulationDefinition> fresh)
    {
        var now = clock.GetUtcNow();
        return fresh.Select(definition => DeadlineRule.Problem(definition.Deadline, now)).OfType<string>().Distinct().SelectMany(static problem => BodyCheck.Refused(problem).Problem.Problems);
    }

    private async Task<IEnumerable<InputProblem>> ReservationsAsync(ImmutableArray<SimulationDefinition> fresh)
    {
        var named = fresh.Where(static definition => definition.Reservation.Length > 0).Select(static definition => (definition.Reservation, definition.Owner)).Distinct().ToArray();
        if (named.Length == 0)
        {
            return [];
        }

        var all = (await grains.GetGrain<IClusterGrain>(configuration.Deployment.Cluster).GetArrangementsAsync()).Reservations;
        return named.Select(one => ReservationEntry.Problem(one.Reservation, one.Owner, all)).OfType<string>().SelectMany(static problem => BodyCheck.Refused(problem).Problem.Problems);
    }

    /// <summary>What no node could ever hold, with what comes nearest.</summary>
    private async Task<ImmutableArray<InputProblem>> FitAsync(ImmutableArray<SimulationDefinition> definitions)
    {
        var stages = (from definition in definitions
                      from stage in definition.Stages
                      select (stage.Name, stage.Resources, definition.Owner)).DistinctBy(static stage => (stage.Name, stage.Resources)).ToArray();
        if (stages.Length == 0)
        {
            return [];
        }

        var words = await grains.GetGrain<IClusterGrain>(configuration.Deployment.Cluster).CheckAsync([.. stages.Select(static stage => stage.Resources)], stages[0].Owner);
        return
        [
            .. stages.Zip(words).Where(static pair => pair.Second.Length > 0).Select(static pair =>
            {
                var colon = pair.Second.IndexOf(": ", StringComparison.Ordinal);
                var field = pair.Second.StartsWith("resources.", StringComparison.Ordinal) && colon > 0 ? pair.Second["resources".Length..colon] : "";
                return new InputProblem { Path = $"stages.{pair.First.Name}{field}", Message = field.Length > 0 ? pair.Second[(colon + 2)..].TrimEnd('.') : pair.Second.TrimEnd('.') };
            }),
        ];
    }
}
