using System.Collections.Immutable;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Nodes;

/// <summary>What happens to a node.</summary>
public abstract record NodeInput
{
    private NodeInput()
    {
    }

    /// <summary>An agent introduced itself, and <see cref="NodeMachine.Refusal"/> found nothing against it.</summary>
    public sealed record Registered : NodeInput
    {
        public required NodeId Node { get; init; }

        public required ClusterId Cluster { get; init; }

        public required string Instance { get; init; }

        public NodeCapabilities Capabilities { get; init; } = new();

        public string User { get; init; } = "";

        public DateTimeOffset? AllocationEnd { get; init; }

        public string AgentVersion { get; init; } = "";

        public string BootId { get; init; } = "";

        /// <summary>The instance that has the node, as far as this one was told.</summary>
        public string Replaces { get; init; } = "";
    }

    /// <summary>A heartbeat of an instance.</summary>
    public sealed record Heard(string Instance) : NodeInput;

    /// <summary>The last words of an instance.</summary>
    public sealed record SaidGoodbye(string Instance) : NodeInput;

    /// <summary>There was no heartbeat for a whole detection window.</summary>
    public sealed record FellSilent(DateTimeOffset? LastSeen) : NodeInput;

    /// <summary>The cluster says what the node is to hold.</summary>
    public sealed record SetWanted(long Version, ImmutableArray<WantedLease> Leases) : NodeInput;

    /// <summary>An operator drains or resumes it.</summary>
    public sealed record Ordered(NodeVerb Verb, string? Reason) : NodeInput;

    /// <summary>A person saw a failure of it: it is on record until somebody lets the node take work again, and nothing is done about it.</summary>
    public sealed record Reported(FailureReport Report, string? By) : NodeInput;

    /// <summary>It is slowed down by others, or about to run out of something.</summary>
    public sealed record Degraded(FailureKind Kind, string Reason) : NodeInput;

    /// <summary>What made it degraded is over.</summary>
    public sealed record Eased : NodeInput;

    /// <summary>Its quarantine may be over.</summary>
    public sealed record QuarantinePassed : NodeInput;

    /// <summary>Events up to this one are in the log.</summary>
    public sealed record Logged(long Sequence) : NodeInput;

    /// <summary>The cluster was nudged for all changes up to this one; a matter of <see cref="NodeSight"/>.</summary>
    public sealed record Told(long Change) : NodeInput;
}
