using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo;

/// <summary>What the command line says of a silo. What it leaves open comes from the configuration (<see cref="SiloConfiguration"/>).</summary>
public sealed record SiloSettings
{
    /// <summary>State, runs, results, logs and the socket: one directory is one deployment. It is made, mode 0700, where it is missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Listen on TCP too, on this port; 0: any free one. Null: as configured, which is not at all by default.</summary>
    public int? Port { get; init; }

    /// <summary>The address of <see cref="Port"/>; null: as configured, 127.0.0.1 by default.</summary>
    public string? Address { get; init; }

    /// <summary>The silo ends by itself once a simulation was live and none is any more.</summary>
    public bool UntilIdle { get; init; }

    /// <summary>A configuration file over the one that ships and that of the data directory; null: none.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>A policy file, or the name of a preset, by which plans are made; null: as configured.</summary>
    public string? Policy { get; init; }

    /// <summary>Single values over all others, by key below <c>Orchestrator</c>, as in <c>Nodes:DetectionWindow</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Values { get; init; } = [];

    /// <summary>Log to the console from this level on; null: to <c>logs/up.log</c> alone.</summary>
    public LogLevel? ConsoleLogLevel { get; init; }

    /// <summary>End in order upon SIGINT, SIGTERM and SIGQUIT. Not for a silo inside another program.</summary>
    public bool HandleSignals { get; init; }

    /// <summary>Called once the gateway answers.</summary>
    public Action<EndpointFile>? Started { get; init; }
}
