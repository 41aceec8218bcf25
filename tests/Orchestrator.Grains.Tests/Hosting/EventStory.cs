using System.Collections.Immutable;
using Orchestrator.Abstractions.Events;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Events;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Hosting;

/// <summary>What one simulation tells, written by a test in the simulation's place.</summary>
internal sealed class EventStory(GrainWorld world, string source, string? scenario = null, string? account = null)
{
    private readonly List<OrchestratorEvent> told = [];

    public SimulationId Id { get; } = new(source);

    /// <summary>Adds an event to the log, as the simulation's outbox does, and nudges nobody.</summary>
    public async Task<OrchestratorEvent> LogAsync(string kind, double? progress = null, double? tas = null, ResourceUse? use = null, string user = "ada")
    {
        var occurrence = new OrchestratorEvent
        {
            Kind = kind,
            Source = source,
            Sequence = told.Count + 1,
            At = world.Clock.GetUtcNow(),
            Simulation = Id,
            Scenario = scenario is null ? null : new ScenarioId(scenario),
            Account = account is null ? null : new AccountId(account),
            User = user,
            SimulationProgress = progress,
            Metrics = tas is { } value ? ImmutableSortedDictionary<string, double>.Empty.Add("tas", value) : null,
            Use = use,
        };
        told.Add(occurrence);
        await world.Events.AppendAsync([EventPublisher.Draft(occurrence)], TestContext.Current.CancellationToken);
        return occurrence;
    }

    /// <summary>Adds an event and nudges whom it concerns.</summary>
    public async Task TellAsync(string kind, double? progress = null, double? tas = null, ResourceUse? use = null, string user = "ada") =>
        await NudgeAsync(await LogAsync(kind, progress, tas, use, user));

    /// <summary>Says again what was said.</summary>
    public async Task NudgeAsync(OrchestratorEvent occurrence)
    {
        var provider = world.Cluster.Client.GetStreamProvider(EventStreams.Provider);
        if (scenario is not null)
        {
            await provider.GetStream<OrchestratorEvent>(StreamId.Create(EventStreams.ScenarioProgress, scenario)).OnNextAsync(occurrence);
        }

        if (account is not null && occurrence.Kind == EventKinds.AttemptEnded)
        {
            await provider.GetStream<OrchestratorEvent>(StreamId.Create(EventStreams.AccountUsage, account)).OnNextAsync(occurrence);
        }
    }
}
