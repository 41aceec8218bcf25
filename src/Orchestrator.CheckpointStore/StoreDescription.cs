namespace Orchestrator.CheckpointStore;

/// <summary>The file by which a directory is known as a store.</summary>
internal sealed record StoreDescription
{
    public const string OurFormat = "orchestrator checkpoint store";
    public const int CurrentVersion = 1;

    public string Format { get; init; } = "";

    public int Version { get; init; }
}
