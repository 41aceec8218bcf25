using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Hooks;

/// <summary>What a site's own hook said of waiting attempts.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.hook-verdicts")]
public sealed record HookVerdicts
{
    public static HookVerdicts None { get; } = new();

    /// <summary>By the text of the attempt.</summary>
    [Id(0)] public ImmutableSortedDictionary<string, HookVerdict> Verdicts { get; init; } = ImmutableSortedDictionary<string, HookVerdict>.Empty;
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
