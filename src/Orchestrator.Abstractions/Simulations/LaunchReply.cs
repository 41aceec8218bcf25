using Orchestrator.Core.Simulations;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>Whether an agent may start an attempt, and how.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.launch-reply")]
public sealed record LaunchReply
{
    /// <summary>Null: refused; the attempt is not the newest of its stage, or does not hold its lease.</summary>
    [Id(0)] public LaunchSpecification? Launch { get; init; }

    /// <summary>With a refusal: the reason, as a sentence.</summary>
    [Id(1)] public string? Reason { get; init; }
}
