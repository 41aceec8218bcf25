namespace Orchestrator.Definitions;

/// <summary>One mistake in a file, in words that let its author mend it without the manual.</summary>
public sealed record DefinitionProblem
{
    /// <summary>Counted from 1.</summary>
    public long Line { get; init; }

    /// <summary>Counted from 1.</summary>
    public long Column { get; init; }

    /// <summary>Where in the structure: <c>stages.coupled.duration</c>; empty for the file itself.</summary>
    public string Path { get; init; } = "";

    /// <summary>What is wrong.</summary>
    public string Message { get; init; } = "";

    /// <summary>What is allowed there.</summary>
    public string Allowed { get; init; } = "";

    public override string ToString() => $"{Line}:{Column} {Path}: {Message}; allowed: {Allowed}";
}
