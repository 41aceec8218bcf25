using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>When those that wait for nodes in a cluster start, as far as that is known.</summary>
internal sealed record QueueOutlook
{
    /// <summary>Nobody looked, on purpose: nothing is to be said of it.</summary>
    public static QueueOutlook None { get; } = new();

    public ImmutableDictionary<AttemptId, DateTimeOffset> Starts { get; private init; } = ImmutableDictionary<AttemptId, DateTimeOffset>.Empty;

    /// <summary>Who has no start starts then at the earliest; null: nothing is known of such.</summary>
    public DateTimeOffset? PlayedUntil { get; private init; }

    /// <summary>Why it does not reach to the end, as a sentence without its end; null: it does.</summary>
    public string? Limit { get; private init; }

    /// <param name="forecast">Of the cluster; null: it did not answer in time.</param>
    public static QueueOutlook Of(QueueForecast? forecast) => forecast is null
        ? new() { Limit = "the queue was not looked at: its cluster did not answer in time" }
        : new()
        {
            Starts = forecast.AsItIs.Where(static run => run is { Runs: false, Start: not null }).ToImmutableDictionary(static run => run.Attempt, static run => run.Start!.Value),
            PlayedUntil = forecast.PlayedUntil,
            Limit = forecast.PlayedUntil is { } until ? $"the queue was not played to the end: what has no start before {ExplanationWriter.Time(until)} starts then at the earliest" : null,
        };

    /// <summary>When an attempt that waits starts; null: not known.</summary>
    public DateTimeOffset? StartOf(AttemptId attempt) => Starts.TryGetValue(attempt, out var start) ? start : PlayedUntil;

    /// <summary>What has to be said of an attempt that waits; null: nothing, its start is known, or will be.</summary>
    public string? NoteOn(AttemptId attempt) => Starts.ContainsKey(attempt) ? null : Limit;
}
