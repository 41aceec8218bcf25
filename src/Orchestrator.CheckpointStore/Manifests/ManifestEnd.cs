namespace Orchestrator.CheckpointStore.Manifests;

/// <summary>The last line of a manifest.</summary>
internal sealed record ManifestEnd
{
    /// <summary>Lines between the first and this one.</summary>
    public long End { get; init; }

    /// <summary>Of all bytes before this line, lower-case hexadecimal.</summary>
    public string Sha256 { get; init; } = "";
}
