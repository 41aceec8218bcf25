namespace Orchestrator.Core;

/// <summary>An input reached a machine in a status that no caller may bring it to: a bug, never a user's mistake.</summary>
[GenerateSerializer, Alias("orchestrator.invalid-transition-exception")]
public sealed class InvalidTransitionException : OrchestratorException
{
    public InvalidTransitionException()
    {
    }

    public InvalidTransitionException(string message) : base(message)
    {
    }

    public InvalidTransitionException(string message, Exception inner) : base(message, inner)
    {
    }

    public InvalidTransitionException(string machine, string status, string input)
        : base($"The {machine} machine is {status} and cannot take {input}.")
    {
        Machine = machine;
        Status = status;
        Input = input;
    }

    [Id(0)] public string? Machine { get; init; }

    [Id(1)] public string? Status { get; init; }

    [Id(2)] public string? Input { get; init; }
}
