using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scenarios.Criteria;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;
using Orchestrator.Silo.Gateway.Simulations;
using Orchestrator.Storage;

namespace Orchestrator.Silo.Gateway.Campaigns;

/// <summary>
/// Turns a campaign file into simulations. Ids are made from names, so that sending the file again, after a lost answer or with more members, adds what is missing and
/// repeats nothing. A file that changes what was accepted is refused before anything of it is taken.
/// </summary>
internal sealed class CampaignSubmission(IGrainFactory grains, ISimulationIndex index, SiloConfiguration configuration, IdleEnd idle, TimeProvider clock)
{
    private const int Parallel = 32;

    public async Task<CampaignSummary> SubmitAsync(string text, Caller caller)
    {
        var reading = CampaignFile.Read(text);
        if (reading.Campaign is not { } campaign)
        {
            throw ProblemException.Unprocessable(
                reading.Problems.Length == 1 ? "The campaign has a mistake; nothing was submitted." : $"The campaign has {reading.Problems.Length} mistakes; nothing was submitted.",
                [.. reading.Problems.Select(static problem => new InputProblem { Line = (int)problem.Line, Column = (int)problem.Column, Path = problem.Path, Message = problem.Message, Allowed = problem.Allowed })]);
        }

        CheckProject(campaign.Owner.Institution, campaign.Owner.Project, caller);
        var definitions = campaign.Simulations.Select(definition => Own(definition, caller)).ToImmutableArray();
        var now = clock.GetUtcNow();

        // Those that exist come first: they say whether the file is the one that was accepted, and change nothing.
        var known = await KnownAsync(campaign.Name);
        var fresh = definitions.Where(definition => !known.Contains(definition.Id.Value)).ToImmutableArray();
        await CheckFitAsync(fresh);
        await CheckRoomAsync(fresh.Length, caller);
        var old = Numbered(definitions).Where(pair => known.Contains(pair.Definition.Id.Value)).ToArray();
        await SubmitAsync(old, now);
        if (campaign.Scenario is { } scenario)
        {
            await grains.GetGrain<IScenarioGrain>(scenario.Value).DefineAsync(Define(scenario, campaign, definitions));
        }

        var accepted = await SubmitAsync([.. Numbered(definitions).Where(pair => !known.Contains(pair.Definition.Id.Value))], now);
        idle.Submitted();
        return new()
        {
            Name = campaign.Name,
            Project = $"{campaign.Owner.Institution}/{campaign.Owner.Project}",
            Scenario = campaign.Scenario,
            Simulations = [.. definitions.Select(static definition => definition.Id)],
            Statuses = ImmutableSortedDictionary<string, long>.Empty.Add(Names.Camel(nameof(SimulationStatus.Pending)), definitions.Length),
            SubmittedAt = now,
            IsLive = true,
            Repeated = accepted == 0,
        };
    }

    /// <summary>One simulation that was compiled elsewhere.</summary>
    public async Task<SubmitReply> SubmitAsync(SimulationDefinition definition, Caller caller)
    {
        if (!SimulationId.TryParse(definition.Id.Value, out _))
        {
            throw ProblemException.Invalid(new InputProblem { Path = "id", Message = "it names no simulation", Allowed = "\"s-\" and 1 to 120 letters, digits, '.', '_' and '-'" });
        }

        CheckProject(definition.Owner.Institution, definition.Owner.Project, caller);
        var own = Own(definition, caller);
        if (await grains.GetGrain<ISimulationGrain>(own.Id.Value).GetAsync() is null)
        {
            await CheckFitAsync([own]);
            await CheckRoomAsync(1, caller);
        }

        var reply = await SubmitOneAsync(own, 0, clock.GetUtcNow());
        idle.Submitted();
        return reply;
    }

    /// <summary>So many live simulations as the site allows, and no more: all of a campaign, or nothing of it.</summary>
    /// <exception cref="ProblemException">They would be more.</exception>
    private async Task CheckRoomAsync(int count, Caller caller)
    {
        await CheckAsync(configuration.Deployment.LiveSimulationsMax, new() { IsLive = true }, "");
        await CheckAsync(configuration.Deployment.LiveSimulationsOfUserMax, new() { IsLive = true, Owner = caller.Principal.User }, $" of {caller.Principal.User}");

        async Task CheckAsync(int? most, SimulationIndexFilter filter, string whose)
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

    /// <summary>What no node could ever hold is refused before anything is accepted, with what comes nearest.</summary>
    /// <exception cref="ProblemException">There is such a stage: all of them are named.</exception>
    private async Task CheckFitAsync(ImmutableArray<SimulationDefinition> definitions)
    {
        var stages = (from definition in definitions
                      from stage in definition.Stages
                      select (stage.Name, stage.Resources, definition.Owner)).DistinctBy(static stage => (stage.Name, stage.Resources)).ToArray();
        if (stages.Length == 0)
        {
            return;
        }

        var words = await grains.GetGrain<IClusterGrain>(configuration.Deployment.Cluster).CheckAsync([.. stages.Select(static stage => stage.Resources)], stages[0].Owner);
        ImmutableArray<InputProblem> problems =
        [
            .. stages.Zip(words).Where(static pair => pair.Second.Length > 0).Select(static pair =>
            {
                var colon = pair.Second.IndexOf(": ", StringComparison.Ordinal);
                var field = pair.Second.StartsWith("resources.", StringComparison.Ordinal) && colon > 0 ? pair.Second["resources".Length..colon] : "";
                return new InputProblem { Path = $"stages.{pair.First.Name}{field}", Message = field.Length > 0 ? pair.Second[(colon + 2)..].TrimEnd('.') : pair.Second.TrimEnd('.') };
            }),
        ];
        if (problems.Length > 0)
        {
            throw ProblemException.Unprocessable(problems.Length == 1 ? $"{problems[0].Path}: {problems[0].Message}; nothing was submitted." : $"{problems.Length} stages can never run here; nothing was submitted.", problems);
        }
    }

    internal static void CheckProject(string institution, string project, Caller caller)
    {
        if (institution.Length == 0 || project.Length == 0 || !caller.Sees(institution, project))
        {
            var allowed = caller.Principal.Projects.IsEmpty ? $"{caller.Principal.Institution}/any" : string.Join(", ", caller.Principal.Projects.Select(name => $"{caller.Principal.Institution}/{name}"));
            throw new ProblemException(new()
            {
                Status = 403,
                Title = $"{caller.Principal.User} does not work for the project {institution}/{project}.",
                Problems = [new() { Path = "project", Message = $"\"{institution}/{project}\" is not yours", Allowed = caller.SeesEverything ? "institution/project" : allowed }],
            });
        }
    }

    private SimulationDefinition Own(SimulationDefinition definition, Caller caller) => definition with
    {
        Owner = definition.Owner with { User = caller.Principal.User },
        Cluster = configuration.Deployment.ClusterId,
    };

    private static IEnumerable<(SimulationDefinition Definition, int Order)> Numbered(ImmutableArray<SimulationDefinition> definitions) =>
        definitions.Select(static (definition, order) => (definition, order));

    private async Task<HashSet<string>> KnownAsync(string campaign)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await index.QueryAsync(new() { Campaign = campaign }, cursor, 1000);
            known.UnionWith(page.Entries.Select(static entry => entry.Simulation));
            cursor = page.Next;
        }
        while (cursor is not null);
        return known;
    }

    /// <summary>How many were new.</summary>
    /// <exception cref="ProblemException">Some were refused: all of them are named.</exception>
    private async Task<int> SubmitAsync(IReadOnlyList<(SimulationDefinition Definition, int Order)> simulations, DateTimeOffset now)
    {
        var accepted = 0;
        var problems = ImmutableArray.CreateBuilder<InputProblem>();
        foreach (var some in simulations.Chunk(Parallel))
        {
            var replies = await Task.WhenAll(some.Select(pair => SubmitOneAsync(pair.Definition, pair.Order, now)));
            accepted += replies.Count(static reply => reply.Outcome == SubmitOutcome.Accepted);
            problems.AddRange(some.Zip(replies).Where(static pair => pair.Second.Outcome is SubmitOutcome.IdTaken or SubmitOutcome.Refused).Select(static pair => new InputProblem
            {
                Path = pair.First.Definition.Id.Value,
                Message = pair.Second.Reason ?? "another definition was accepted under this id",
                Allowed = pair.Second.Outcome == SubmitOutcome.IdTaken ? "the same definition as before, or another name of the campaign" : null,
            }));
        }

        return problems.Count == 0
            ? accepted
            : throw new ProblemException(new() { Status = 409, Title = $"{problems.Count} simulations were refused.", Problems = problems.ToImmutable() });
    }

    private async Task<SubmitReply> SubmitOneAsync(SimulationDefinition definition, int order, DateTimeOffset now)
    {
        var reply = await grains.GetGrain<ISimulationGrain>(definition.Id.Value).SubmitAsync(new() { Definition = definition, Order = order, SubmittedAt = now });
        if (reply.Outcome == SubmitOutcome.Accepted)
        {
            // The grain writes its row soon; until then lists show this one, which is older than any of the grain's.
            await index.UpsertAsync(SimulationRow.First(definition, now));
        }

        return reply;
    }

    private static ScenarioDefinition Define(ScenarioId id, Campaign campaign, ImmutableArray<SimulationDefinition> definitions) => new()
    {
        Id = id,
        Campaign = campaign.Name,
        Owner = definitions[0].Owner,
        Metric = campaign.Compare?.Metric,
        HigherIsBetter = campaign.Compare?.Direction != ObjectiveDirection.Lower,
        Variants = definitions.GroupBy(static definition => definition.Variant)
            .ToImmutableSortedDictionary(static group => group.Key, static group => group.Select(static definition => definition.Id).ToImmutableArray()),
        Steering = campaign.Compare?.Steering switch
        {
            SteeringMode.Off => ScenarioSteering.Off,
            SteeringMode.Steer => ScenarioSteering.Steer,
            _ => ScenarioSteering.Advise,
        },
        Targets = campaign.Compare is { } compare
            ? [new() { Metric = compare.Metric, Direction = compare.Direction == ObjectiveDirection.Lower ? MetricDirection.Lower : MetricDirection.Higher, Target = compare.Target }, .. compare.Metrics.Where(metric => metric.Metric != compare.Metric)]
            : [],
        Reallocation = campaign.Compare is { } how ? new() { Strategy = how.Strategy, FloorShare = how.Floor, Interval = how.Interval, MinimumChange = how.MinimumChange, MaximumShift = how.MaximumShift, Priorities = how.Priorities } : new(),
        Objectives = campaign.Compare?.Objectives ?? [],
        Tags = campaign.Tags,
        Protected = [.. definitions.Where(static definition => definition.Protected).Select(static definition => definition.Id)],

        // By numbers alone can be said how far one is from another.
        Parameters = definitions.GroupBy(static definition => definition.Variant).ToImmutableSortedDictionary(
            static group => group.Key,
            static group => group.First().Labels
                .Where(static label => double.TryParse(label.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
                .ToImmutableSortedDictionary(static label => label.Key, static label => double.Parse(label.Value, NumberStyles.Float, CultureInfo.InvariantCulture))),
    };
}
