namespace Orchestrator.Cli.Commands;

/// <summary>The command ends with one line on standard error and an exit status.</summary>
internal sealed class CommandException(string message, int status) : Exception(message)
{
    public int Status { get; } = status;
}
