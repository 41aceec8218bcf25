using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Abstractions.Nodes;

/// <summary>
/// An agent lives. It sends one at every interval, and one at once when it has carried out newer wanted leases or the last process of an attempt is gone: only that tells the
/// cluster that the cores of a released lease are free.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.node-heartbeat")]
public sealed record NodeHeartbeat
{
    [Id(0)] public NodeId Node { get; init; }

    /// <summary>As registered.</summary>
    [Id(1)] public string Instance { get; init; } = "";

    /// <summary>Everything of attempts that it holds.</summary>
    [Id(2)] public ImmutableArray<RunningAttempt> Running { get; init; } = [];

    /// <summary>0 to 1 of all cores.</summary>
    [Id(3)] public double CpuLoad { get; init; }

    /// <summary>Bytes.</summary>
    [Id(4)] public long MemoryUsed { get; init; }

    /// <summary>Last words: the agent ends on purpose, and nothing that it led runs any more.</summary>
    [Id(5)] public bool Goodbye { get; init; }

    /// <summary>The version of the wanted leases that it has carried out: what is not among them is killed and has no processes any more.</summary>
    [Id(6)] public long WantedVersion { get; init; }

    /// <summary>How close it is to using something up, and what others use of it; null: an older agent, or nothing was measured.</summary>
    [Id(7)] public NodePressure? Pressure { get; init; }
}

/// <summary>The answer to a heartbeat.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.heartbeat-reply")]
public sealed record HeartbeatReply
{
    [Id(0)] public HeartbeatVerdict Verdict { get; init; }
}

/// <summary>What an agent does after a heartbeat.</summary>
[GenerateSerializer, Alias("orchestrator.heartbeat-verdict")]
public enum HeartbeatVerdict
{
    Absent = 0,
    Known = 1,

    /// <summary>The node does not know this instance: register (again).</summary>
    Register = 2,

    /// <summary>Another agent has the node: stop, and touch nothing.</summary>
    Replaced = 3,
}
