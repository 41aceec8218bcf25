using System.Collections.Immutable;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>An error of the gateway, as RFC 9457 has it (<c>application/problem+json</c>), with every mistake of the input.</summary>
public sealed record Problem
{
    public string Type { get; init; } = "about:blank";

    /// <summary>One line for people.</summary>
    public string Title { get; init; } = "";

    /// <summary>The HTTP status code.</summary>
    public int Status { get; init; }

    public string? Detail { get; init; }

    public ImmutableArray<InputProblem> Problems { get; init; } = [];
}

/// <summary>One mistake of the input.</summary>
public sealed record InputProblem
{
    /// <summary>From 1; 0: not known.</summary>
    public int Line { get; init; }

    /// <summary>From 1; 0: not known.</summary>
    public int Column { get; init; }

    /// <summary>The field, as in <c>stages.coupled.memory</c>.</summary>
    public string Path { get; init; } = "";

    public string Message { get; init; } = "";

    /// <summary>What is allowed.</summary>
    public string? Allowed { get; init; }
}
