using Microsoft.Extensions.Logging;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Agent.Checkpoints;
using Orchestrator.Agent.Machine;

namespace Orchestrator.Agent;

/// <summary>What every part of one agent shares.</summary>
internal sealed record AgentContext
{
    /// <summary>With absolute paths.</summary>
    public required AgentOptions Options { get; init; }

    public required IAgentGateway Gateway { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Logger { get; init; }

    public required MachineInfo Machine { get; init; }

    /// <summary>The agent's own directory: <c>agents/NODE</c> in the data directory.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The script that carries a program.</summary>
    public required string WrapperScript { get; init; }

    /// <summary>The folder that comes first on the PATH of programs.</summary>
    public required string HelperDirectory { get; init; }

    /// <summary>A report lies in a spool.</summary>
    public required Wake Reports { get; init; }

    /// <summary>What the agent holds has changed.</summary>
    public required Wake Heartbeat { get; init; }

    /// <summary>Copies stored checkpoints to another tier, where one is set.</summary>
    public required CheckpointTier Tier { get; init; }

    /// <summary>Says once that there are fewer cores than were given away.</summary>
    public OneTime CoresMissing { get; } = new();

    /// <summary>Where other agents find by which name this one is reached.</summary>
    public static string HostNameFile(string dataDirectory, string node) => Path.Combine(dataDirectory, "agents", node, "host");
}
