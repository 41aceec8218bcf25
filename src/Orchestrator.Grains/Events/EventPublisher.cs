using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Events;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Telemetry;
using Orchestrator.Storage;
using Orleans.Runtime;
using Orleans.Streams;

namespace Orchestrator.Grains.Events;

/// <summary>
/// Takes events out of an outbox: first into the log, where they are safe, then as nudges to whom they concern. A nudge that is lost costs delay, never an event, since a
/// consumer reads from the log what it did not hear.
/// </summary>
internal sealed class EventPublisher(IEventLog log, IServiceProvider services, OrchestratorMetrics metrics, ILogger<EventPublisher> logger)
{
    /// <summary>The form in which the log keeps an event.</summary>
    public static EventDraft Draft(OrchestratorEvent occurrence) => new()
    {
        Source = occurrence.Source,
        Sequence = occurrence.Sequence,
        Kind = occurrence.Kind,
        Version = occurrence.Version,
        Campaign = occurrence.Campaign,
        Simulation = occurrence.Simulation?.Value,
        Project = occurrence.Project,
        At = occurrence.At,
        Payload = JsonSerializer.SerializeToUtf8Bytes(occurrence, WireJson.Options),
    };

    /// <summary>An event as it was published.</summary>
    public static OrchestratorEvent Read(EventRecord record) => JsonSerializer.Deserialize<OrchestratorEvent>(record.Payload.Span, WireJson.Options)!;

    /// <summary>Appends the events of one source, in their order, and nudges. A repeat appends nothing twice.</summary>
    /// <param name="events">In their order.</param>
    /// <param name="cluster">Of a node: the cluster that hears of its events.</param>
    /// <param name="cancellationToken">Gives up; some or all may be appended.</param>
    /// <exception cref="StorageUnavailableException">Publish the same events again.</exception>
    public async Task PublishAsync(IReadOnlyList<OrchestratorEvent> events, ClusterId? cluster = null, CancellationToken cancellationToken = default)
    {
        if (events.Count == 0)
        {
            return;
        }

        await log.AppendAsync([.. events.Select(Draft)], cancellationToken);
        foreach (var told in events)
        {
            metrics.Happened(told);
        }

        foreach (var (space, key, newest) in Nudges(events, cluster))
        {
            try
            {
                var provider = services.GetRequiredKeyedService<IStreamProvider>(EventStreams.Provider);
                await provider.GetStream<OrchestratorEvent>(StreamId.Create(space, key)).OnNextAsync(newest);
            }
            catch (Exception error)
            {
                EventPublisherLog.NudgeLost(logger, newest.Source, newest.Sequence, space, key, error);
            }
        }
    }

    /// <summary>One nudge for each consumer, with the newest event that concerns it: what lies before it is in the log.</summary>
    private static IEnumerable<(string Space, string Key, OrchestratorEvent Newest)> Nudges(IReadOnlyList<OrchestratorEvent> events, ClusterId? cluster)
    {
        if (events.LastOrDefault(static occurrence => occurrence.Scenario is not null) is { Scenario: { } scenario } progressed && progressed.Source != scenario.Value)
        {
            yield return (EventStreams.ScenarioProgress, scenario.Value, progressed);
        }

        foreach (var used in events.Where(static occurrence => occurrence is { Kind: EventKinds.AttemptEnded, Account: not null, Use: not null }).GroupBy(static occurrence => occurrence.Account!.Value))
        {
            yield return (EventStreams.AccountUsage, used.Key.Value, used.Last());
        }

        if (cluster is { } owner)
        {
            yield return (EventStreams.NodeEvents, owner.Value, events[^1]);
        }
    }
}
