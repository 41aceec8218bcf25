namespace Orchestrator.Core.Ids;

/// <summary>A text is no valid id of the type asked for.</summary>
[GenerateSerializer, Alias("orchestrator.invalid-id-exception")]
public sealed class InvalidIdException : OrchestratorException
{
    public InvalidIdException()
    {
    }

    public InvalidIdException(string message) : base(message)
    {
    }

    public InvalidIdException(string message, Exception inner) : base(message, inner)
    {
    }

    public InvalidIdException(string type, string? value, string problem) : base($"\"{value}\" is no {type}: {problem}.")
    {
        Type = type;
        Value = value;
    }

    [Id(0)] public string? Type { get; init; }

    [Id(1)] public string? Value { get; init; }
}
