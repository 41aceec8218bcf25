namespace Orchestrator.Storage;

/// <summary>The database file is not what was written: nothing was opened or changed. The message names the file and how to restore a backup.</summary>
[GenerateSerializer, Alias("orchestrator.database-damaged-exception")]
public sealed class DatabaseDamagedException : OrchestratorException
{
    public DatabaseDamagedException()
    {
    }

    public DatabaseDamagedException(string message) : base(message)
    {
    }

    public DatabaseDamagedException(string message, Exception? inner) : base(message, inner)
    {
    }
}
