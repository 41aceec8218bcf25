namespace Orchestrator.Core.Workflows;

/// <summary>The signal that asks the program for a checkpoint; none is ever sent unless the campaign declares it.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.signal-policy")]
public sealed record SignalPolicy
{
    /// <summary>A name without SIG: USR1, USR2, HUP, …</summary>
    [Id(0)] public string Checkpoint { get; init; } = "";

    [Id(1)] public SignalTarget Target { get; init; } = SignalTarget.Leader;
}
