namespace Orchestrator.Storage;

/// <summary>The database was written by a newer release than this one, or its scripts are not the ones that were applied. Nothing was changed.</summary>
[GenerateSerializer, Alias("orchestrator.database-version-exception")]
public sealed class DatabaseVersionException : OrchestratorException
{
    public DatabaseVersionException()
    {
    }

    public DatabaseVersionException(string message) : base(message)
    {
    }

    public DatabaseVersionException(string message, Exception? inner) : base(message, inner)
    {
    }
}
