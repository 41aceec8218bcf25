using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>An agent introduces itself.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-registration")]
public sealed record NodeRegistration
{
    public const int CurrentVersion = 1;

    /// <summary>The version of the agent protocol.</summary>
    [Id(0)] public int Version { get; init; } = CurrentVersion;

    [Id(1)] public NodeId Node { get; init; }

    [Id(2)] public ClusterId Cluster { get; init; }

    /// <summary>Names this start of the agent; another one after a restart.</summary>
    [Id(3)] public string Instance { get; init; } = "";

    [Id(4)] public NodeCapabilities Capabilities { get; init; } = new();

    /// <summary>What it found running from before its restart.</summary>
    [Id(5)] public ImmutableArray<RunningAttempt> Running { get; init; } = [];

    /// <summary>The operating system's user it runs as: it runs only that user's work. Set by the gateway from the principal.</summary>
    [Id(6)] public string User { get; init; } = "";

    /// <summary>The end of the allocation that the node belongs to; null: none is known.</summary>
    [Id(7)] public DateTimeOffset? AllocationEnd { get; init; }

    /// <summary>The release of the agent, for people.</summary>
    [Id(8)] public string AgentVersion { get; init; } = "";

    /// <summary>Names the boot of the machine, so that a reboot is told from a restart of the agent; empty where unknown.</summary>
    [Id(9)] public string BootId { get; init; } = "";

    /// <summary>The instance that has the node by the last refusal; after a reboot of the machine it is replaced at once by who knows of it. Empty: none is known.</summary>
    [Id(10)] public string Replaces { get; init; } = "";
}

/// <summary>The answer to a registration.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.register-reply")]
public sealed record RegisterReply
{
    [Id(0)] public bool Accepted { get; init; }

    /// <summary>With a refusal: the reason, as a sentence.</summary>
    [Id(1)] public string? Reason { get; init; }

    /// <summary>How often to send a heartbeat.</summary>
    [Id(2)] public TimeSpan HeartbeatInterval { get; init; }

    /// <summary>The node is given up after so long without one.</summary>
    [Id(3)] public TimeSpan DetectionWindow { get; init; }

    /// <summary>With a refusal: the instance that has the node, to be named in the next registration.</summary>
    [Id(4)] public string? Present { get; init; }
}
