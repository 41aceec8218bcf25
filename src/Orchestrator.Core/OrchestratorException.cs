namespace Orchestrator.Core;

/// <summary>Base of every fault that crosses a grain boundary; what is merely refused is a reply instead.</summary>
[GenerateSerializer, Alias("orchestrator.exception")]
public abstract class OrchestratorException : Exception
{
    protected OrchestratorException()
    {
    }

    protected OrchestratorException(string message) : base(message)
    {
    }

    protected OrchestratorException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>True when the same call may succeed later without anybody changing it.</summary>
    public virtual bool IsTransient => false;
}
