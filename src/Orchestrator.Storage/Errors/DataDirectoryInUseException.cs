namespace Orchestrator.Storage;

/// <summary>Another process holds the data directory. The message names the process and the host.</summary>
[GenerateSerializer, Alias("orchestrator.data-directory-in-use-exception")]
public sealed class DataDirectoryInUseException : OrchestratorException
{
    public DataDirectoryInUseException()
    {
    }

    public DataDirectoryInUseException(string message) : base(message)
    {
    }

    public DataDirectoryInUseException(string message, Exception? inner) : base(message, inner)
    {
    }
}
