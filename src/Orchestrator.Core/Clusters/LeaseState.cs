namespace Orchestrator.Core.Clusters;

/// <summary>Where an attempt stands at its cluster.</summary>
[GenerateSerializer, Alias("orchestrator.lease-state")]
public enum LeaseState
{
    Absent = 0,

    /// <summary>In the queue.</summary>
    Queued = 1,

    /// <summary>It holds its nodes.</summary>
    Granted = 2,

    /// <summary>A node was lost: the lease is over as a whole, and waits to be released by its simulation.</summary>
    Lost = 3,

    /// <summary>The cluster does not know it: never requested, or released.</summary>
    Unknown = 4,

    /// <summary>The request is malformed, and is not taken.</summary>
    Refused = 5,
}
