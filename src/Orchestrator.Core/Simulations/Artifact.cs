namespace Orchestrator.Core.Simulations;

/// <summary>A file that a program reported as usable, or that was published.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.artifact")]
public sealed record Artifact
{
    /// <summary>Relative to the run directory, or to the stage's results once it is published.</summary>
    [Id(0)] public string Path { get; init; } = "";

    /// <summary>0 (a first preview) to 1 (final).</summary>
    [Id(1)] public double Quality { get; init; } = 1;

    /// <summary>Bytes; -1 while unknown.</summary>
    [Id(2)] public long Size { get; init; } = -1;

    /// <summary>SHA-256 in lower-case hexadecimal; null while unknown.</summary>
    [Id(3)] public string? Sha256 { get; init; }

    /// <summary>When it was last written, as its file says; null while unknown.</summary>
    [Id(4)] public DateTimeOffset? WrittenAt { get; init; }
}
