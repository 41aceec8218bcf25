using Orchestrator.Core;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Grains.Access;

/// <summary>A call from outside without a valid token, or by somebody whose role does not allow it. Nothing happened.</summary>
[GenerateSerializer, Alias("orchestrator.access-denied-exception")]
public sealed class AccessDeniedException : OrchestratorException
{
    public AccessDeniedException()
    {
    }

    public AccessDeniedException(string message) : base(message)
    {
    }

    public AccessDeniedException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>The call, as in "ISimulationGrain.ControlAsync".</summary>
    [Id(0)] public string Call { get; init; } = "";

    /// <summary>The role that it needs; absent when nobody knows who called.</summary>
    [Id(1)] public Role Needed { get; init; }
}
