using System.Text.Json;

namespace Orchestrator.CheckpointStore;

/// <summary>What is set for the checkpoint store of a data directory: one file, <c>checkpoint-store.json</c>, that every agent and silo reads when it needs it.</summary>
public sealed record StoreSettings
{
    public const string FileName = "checkpoint-store.json";

    /// <summary>The store may have so many bytes; null: what the disk has.</summary>
    public long? Quota { get; init; }

    /// <summary>So many bytes stay free on its disk: 64 MiB.</summary>
    public long LeaveFree { get; init; } = 64L * 1024 * 1024;

    /// <summary>The absolute path of a store on another tier to which every checkpoint is copied, beside the running programs; null: none.</summary>
    public string? FlushTo { get; init; }

    /// <summary>So many agents copy to it at once, 1 to 64: 2.</summary>
    public int FlushSlots { get; init; } = 2;

    /// <summary>Where there is no such file, nothing is set.</summary>
    /// <exception cref="StoreException">It is damaged.</exception>
    public static StoreSettings Read(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), StoreJson.Default.StoreSettings)! : new();
        }
        catch (JsonException damaged)
        {
            throw new StoreException($"{path} is damaged: {damaged.Message} `checkpoint store` writes it anew.", damaged);
        }
    }

    /// <summary>Whole and durable, or not at all.</summary>
    public void Write(string dataDirectory) =>
        DurableFile.WriteByRename(Path.Combine(dataDirectory, FileName), JsonSerializer.SerializeToUtf8Bytes(this, StoreJson.Default.StoreSettings));
}
