namespace Orchestrator.Agent;

/// <summary>This agent must not run: another one has the node.</summary>
public sealed class AgentRefusedException : Exception
{
    public AgentRefusedException()
    {
    }

    public AgentRefusedException(string message) : base(message)
    {
    }

    public AgentRefusedException(string message, Exception? inner) : base(message, inner)
    {
    }
}
