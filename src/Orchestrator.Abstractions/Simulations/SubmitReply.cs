namespace Orchestrator.Abstractions.Simulations;

/// <summary>What became of a submission.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.submit-reply")]
public sealed record SubmitReply
{
    [Id(0)] public SubmitOutcome Outcome { get; init; }

    /// <summary>With <see cref="SubmitOutcome.Refused"/>: the reason, as a sentence.</summary>
    [Id(1)] public string? Reason { get; init; }
}

/// <summary>What became of a submission.</summary>
[GenerateSerializer, Alias("orchestrator.submit-outcome")]
public enum SubmitOutcome
{
    Absent = 0,
    Accepted = 1,

    /// <summary>The same definition was accepted before.</summary>
    Repeated = 2,

    /// <summary>Another definition has this id.</summary>
    IdTaken = 3,
    Refused = 4,
}
