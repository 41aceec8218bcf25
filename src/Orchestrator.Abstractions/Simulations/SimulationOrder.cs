namespace Orchestrator.Abstractions.Simulations;

/// <summary>What a person or the scheduler asks of a simulation.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.simulation-order")]
public sealed record SimulationOrder
{
    [Id(0)] public SimulationVerb Verb { get; init; }

    /// <summary>Why, in the caller's words; kept with the order.</summary>
    [Id(1)] public string? Reason { get; init; }
}

/// <summary>What may be asked.</summary>
[GenerateSerializer, Alias("orchestrator.simulation-verb")]
public enum SimulationVerb
{
    Absent = 0,

    /// <summary>Ask what runs to leave, start nothing more, end as cancelled.</summary>
    Cancel = 1,

    /// <summary>Ask what runs to leave with a checkpoint, start nothing more until resumed.</summary>
    Pause = 2,
    Resume = 3,

    /// <summary>Every running attempt makes a checkpoint now and goes on.</summary>
    Checkpoint = 4,

    /// <summary>
    /// An operator answers for it that attempts which were lost, and write shared paths, no longer run anywhere: their stages start again.
    /// </summary>
    DeclareDead = 5,
}
