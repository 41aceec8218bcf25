using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Clusters;

/// <summary>When everybody starts and ends if all runs as long as is expected, as things are and as they might be.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.queue-forecast")]
public sealed record QueueForecast
{
    /// <summary>What is wrong with the question, as a sentence that names the field; "": nothing.</summary>
    [Id(0)] public string Problem { get; init; } = "";

    [Id(1)] public DateTimeOffset At { get; init; }

    /// <summary>By start, then attempt.</summary>
    [Id(2)] public ImmutableArray<ForecastRun> AsItIs { get; init; } = [];

    /// <summary>The same with the changes; empty when none was asked for.</summary>
    [Id(3)] public ImmutableArray<ForecastRun> Changed { get; init; } = [];

    /// <summary>False: it was played forward only until its limit; who has no start by then is without one.</summary>
    [Id(4)] public bool IsWhole { get; init; } = true;

    /// <summary>Who starts before is known, who has no start starts then at the earliest; null: it was played to its end.</summary>
    [Id(5)] public DateTimeOffset? PlayedUntil { get; init; }
}

/// <summary>When one attempt starts and ends.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.forecast-run")]
public sealed record ForecastRun
{
    [Id(0)] public AttemptId Attempt { get; init; }

    /// <summary>Null: it did not start as far as was played, or never does.</summary>
    [Id(1)] public DateTimeOffset? Start { get; init; }

    /// <summary>Null: it does not start, or nobody says how long it runs.</summary>
    [Id(2)] public DateTimeOffset? End { get; init; }

    /// <summary>When its simulation ends, if nothing behind it waits for nodes.</summary>
    [Id(3)] public DateTimeOffset? SimulationEnd { get; init; }

    /// <summary>It runs already.</summary>
    [Id(4)] public bool Runs { get; init; }
}
