using System.Collections.Immutable;
using Orchestrator.Core.Ids;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>The whole deployment at a glance: <c>GET /v1/status</c>.</summary>
public sealed record SiloStatus
{
    public string Version { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    public ClusterId Cluster { get; init; }

    public ImmutableSortedDictionary<string, long> Simulations { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Nodes by the name of their status.</summary>
    public ImmutableSortedDictionary<string, long> Nodes { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    public int Queued { get; init; }

    public int Running { get; init; }

    /// <summary>Position of the newest event.</summary>
    public long LastEvent { get; init; }

    public TimeSpan HeartbeatInterval { get; init; }

    public TimeSpan DetectionWindow { get; init; }

    /// <summary>Who asks.</summary>
    public string Caller { get; init; } = "";
}
