namespace Orchestrator.Client;

/// <summary>How a client bears with a gateway that does not answer at once.</summary>
public sealed class OrchestratorClientOptions
{
    /// <summary>One try of one request takes at most so long. Default 30 s; a request that waits on purpose gets its wait on top.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request is tried again after transient failures (a busy gateway, a lost connection). Default 30 s; zero: one try.</summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request is tried again while nothing answers at all. Default 15 s; zero: an absent gateway is an error at once.</summary>
    public TimeSpan RetryUnreachableFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a reader of events tries to come back after it lost the gateway. Default 10 min: longer than a restart.</summary>
    public TimeSpan ResumeEventsFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A stream of events that is silent for so long, heartbeats included, is opened again. Default 45 s: three heartbeats.</summary>
    public TimeSpan EventSilence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>The first wait between tries; it doubles up to <see cref="RetryDelayMax"/>. Default 100 ms.</summary>
    public TimeSpan RetryDelayFirst { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Default 2 s.</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(2);

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
