using System.Collections.Immutable;

namespace Orchestrator.Abstractions.Gateway;

/// <summary>The policy by which a cluster plans.</summary>
public sealed record PolicyDocument
{
    /// <summary>Its settings as JSON with names in snake_case, as a policy file has them; "": those with which the silo was started.</summary>
    public string Text { get; init; } = "";

    /// <summary>What is in force, whoever set it, as a policy file that says every key.</summary>
    public string File { get; init; } = "";

    /// <summary>What the site's hook said last; null: it was never asked.</summary>
    public HookState? Hook { get; init; }
}

/// <summary>How a site's hook does.</summary>
public sealed record HookState
{
    /// <summary>When it answered last; null: it never did.</summary>
    public DateTimeOffset? SaidAt { get; init; }

    /// <summary>Waiting attempts that it said something of, and which of them it vetoed.</summary>
    public int Named { get; init; }

    public int Vetoed { get; init; }

    /// <summary>When it failed last, if it has not answered since; what it said before holds on.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>Why; "": it has not failed.</summary>
    public string Error { get; init; } = "";

    /// <summary>What of its last answer was ignored, and why.</summary>
    public ImmutableArray<string> Ignored { get; init; } = [];
}
