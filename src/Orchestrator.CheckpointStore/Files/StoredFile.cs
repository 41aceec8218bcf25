namespace Orchestrator.CheckpointStore.Files;

/// <summary>A file of a folder of a store.</summary>
/// <param name="Name">Without the folder.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Changed">By the clock of the file system.</param>
public readonly record struct StoredFile(string Name, long Length, DateTimeOffset Changed);
