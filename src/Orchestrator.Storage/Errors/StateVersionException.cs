namespace Orchestrator.Storage;

/// <summary>A stored payload carries a schema version newer than this release knows, or no version at all. Nothing was loaded.</summary>
[GenerateSerializer, Alias("orchestrator.state-version-exception")]
public sealed class StateVersionException : OrchestratorException
{
    public StateVersionException()
    {
    }

    public StateVersionException(string message) : base(message)
    {
    }

    public StateVersionException(string message, Exception? inner) : base(message, inner)
    {
    }
}
