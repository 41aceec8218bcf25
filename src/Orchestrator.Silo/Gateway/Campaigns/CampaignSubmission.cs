using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Accounts;
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
internal sealed class CampaignSubmission(IGrainFactory grains, ISimulationIndex index, SiloConfiguration configuration, SubmissionChecks checks, IdleEnd idle, TimeProvider clock)
{
    private const int Parallel = 32;

    private readonly SubmissionGates gates = new(isOne: configuration.Deployment is { LiveSimulationsMax: not null } or { LiveSimulationsOfUserMax: not null });

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

        var accepted = await gates.RunAsync(campaign.Name, () => AcceptAsync(campaign, definitions, caller, now));
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

    /// <summary>How many of a campaign were new.</summary>
    private async Task<int> AcceptAsync(Campaign campaign, ImmutableArray<SimulationDefinition> definitions, Caller caller, DateTimeOffset now)
    {
        // Those that exist come first: they say whether the file is the one that was accepted, and change nothing.
        var known = await KnownAsync(campaign.Name);
        if (caller.Principal.Role >= Role.Operator)
        {
            // What is there keeps its user: an operator adds to a campaign, and does not take it over.
            definitions = [.. definitions.Select(definition => known.TryGetValue(definition.Id.Value, out var was) && was.IsOfProjectOf(definition.Owner) ? definition with { Owner = definition.Owner with { User = was.User } } : definition)];
        }

        var fresh = definitions.Where(definition => !known.ContainsKey(definition.Id.Value)).ToImmutableArray();
        if (fresh.Length > 0)
        {
            SubmissionChecks.CheckName("name", campaign.Name, fresh[0].Owner, caller, [.. known.Values.Distinct()]);
        }

        await checks.CheckAsync(fresh, isMore: known.Count > 0);
        await checks.CheckRoomAsync(fresh.Length, definitions[0].Owner);
        var old = Numbered(definitions).Where(pair => known.ContainsKey(pair.Definition.Id.Value)).ToArray();
        await SubmitAsync(old, now);
        if (campaign.Scenario is { } scenario)
        {
            await grains.GetGrain<IScenarioGrain>(scenario.Value).DefineAsync(Define(scenario, campaign, definitions));
        }

        return await SubmitAsync([.. Numbered(definitions).Where(pair => !known.ContainsKey(pair.Definition.Id.Value))], now);
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
        var reply = await gates.RunAsync(own.Campaign, () => AcceptAsync(own, caller));
        idle.Submitted();
        return reply;
    }

    private async Task<SubmitReply> AcceptAsync(SimulationDefinition own, Caller caller)
    {
        if (await grains.GetGrain<ISimulationGrain>(own.Id.Value).GetAsync() is null)
        {
            if (own.Campaign.Length > 0)
            {
                SubmissionChecks.CheckName("campaign", own.Campaign, own.Owner, caller, await checks.HoldersAsync(own.Campaign, own.Owner));
            }

            await checks.CheckAsync([own]);
            await checks.CheckRoomAsync(1, own.Owner);
        }

        return await SubmitOneAsync(own, 0, clock.GetUtcNow());
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

        // A body may say null where a definition says nothing.
        Campaign = definition.Campaign ?? "",
        Reservation = definition.Reservation ?? "",
        Cluster = configuration.Deployment.ClusterId,
    };

    private static IEnumerable<(SimulationDefinition Definition, int Order)> Numbered(ImmutableArray<SimulationDefinition> definitions) =>
        definitions.Select(static (definition, order) => (definition, order));

    /// <summary>What is under the name of a campaign, by id, and whose it is.</summary>
    private async Task<Dictionary<string, Ownership>> KnownAsync(string campaign)
    {
        var known = new Dictionary<string, Ownership>(StringComparer.Ordinal);
        string? cursor = null;
        do
        {
            var page = await index.QueryAsync(new() { Campaign = campaign }, cursor, 1000);
            foreach (var entry in page.Entries)
            {
                known[entry.Simulation] = SubmissionChecks.OwnerOf(entry);
            }

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
