using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Hooks;

/// <summary>What a site's own hook said of waiting attempts. It holds until the hook says something else; a hook that fails changes nothing of it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.hook-verdicts")]
public sealed record HookVerdicts
{
    public static HookVerdicts None { get; } = new();

    /// <summary>By the text of the attempt.</summary>
    [Id(0)] public ImmutableSortedDictionary<string, HookVerdict> Verdicts { get; init; } = ImmutableSortedDictionary<string, HookVerdict>.Empty;

    /// <summary>When the hook gave them; null: it never answered.</summary>
    [Id(1)] public DateTimeOffset? SaidAt { get; init; }

    /// <summary>When it failed last, if it has not answered since; null: it has not failed.</summary>
    [Id(2)] public DateTimeOffset? FailedAt { get; init; }

    /// <summary>Why it failed; "": it has not.</summary>
    [Id(3)] public string Error { get; init; } = "";

    /// <summary>What of its last answer was ignored, and why; at most <see cref="HookAnswer.IgnoredMax"/>.</summary>
    [Id(4)] public ImmutableArray<string> Ignored { get; init; } = [];

    /// <summary>Nothing but the moments differs.</summary>
    public bool SaysTheSameAs(HookVerdicts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Error == other.Error && Verdicts.SequenceEqual(other.Verdicts) && Ignored.SequenceEqual(other.Ignored);
    }

    /// <summary>The same, and the hook failed.</summary>
    public HookVerdicts Failed(string error, DateTimeOffset now) => this with { FailedAt = now, Error = error };
}

/// <summary>What a hook said of one attempt.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.hook-verdict")]
public sealed record HookVerdict
{
    /// <summary>It must not start now.</summary>
    [Id(0)] public bool Veto { get; init; }

    /// <summary>0 to 1 in place of the computed priority; null: as computed.</summary>
    [Id(1)] public double? Priority { get; init; }

    /// <summary>In the hook's words.</summary>
    [Id(2)] public string Reason { get; init; } = "";
}
