using System.Security.Cryptography;
using System.Text.Json;
using Orchestrator.CheckpointStore.Chunks;

namespace Orchestrator.CheckpointStore.Manifests;

/// <summary>A checkpoint and its entries, in lines of JSON, so that a person can read it; the last line proves that nothing is missing or changed.</summary>
internal sealed record Manifest
{
    public required StoredCheckpoint Checkpoint { get; init; }

    public required IReadOnlyList<StoredEntry> Entries { get; init; }

    public byte[] Write()
    {
        using var stream = new MemoryStream();
        JsonSerializer.Serialize(stream, Checkpoint, StoreJson.Default.StoredCheckpoint);
        stream.WriteByte((byte)'\n');
        foreach (var entry in Entries)
        {
            JsonSerializer.Serialize(stream, entry, StoreJson.Default.StoredEntry);
            stream.WriteByte((byte)'\n');
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        JsonSerializer.Serialize(stream, new() { End = Entries.Count, Sha256 = hash }, StoreJson.Default.ManifestEnd);
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>Only the first line, which is not proven.</summary>
    public static StoredCheckpoint? ReadFirst(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        try
        {
            return end <= 0 ? null : JsonSerializer.Deserialize(bytes[..end], StoreJson.Default.StoredCheckpoint);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="DamagedCheckpointException">These are not the bytes that were written, or a later version wrote them.</exception>
    public static Manifest Read(string id, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (ReadFirst(bytes) is not { } first)
            {
                throw new DamagedCheckpointException($"The manifest of {id} is damaged: its first line cannot be read.");
            }

            if (first.Version != StoredCheckpoint.CurrentVersion)
            {
                throw new DamagedCheckpointException($"The manifest of {id} has version {first.Version}; this program reads version {StoredCheckpoint.CurrentVersion}.");
            }

            var body = bytes.Length > 1 ? bytes[..^1] : default;
            body = body[..(body.LastIndexOf((byte)'\n') + 1)];
            var last = JsonSerializer.Deserialize(bytes[body.Length..], StoreJson.Default.ManifestEnd)!;
            if (last.Sha256 != Convert.ToHexStringLower(SHA256.HashData(body)))
            {
                throw new DamagedCheckpointException($"The manifest of {id} is damaged: its bytes have changed, or its end is missing.");
            }

            var entries = new List<StoredEntry>((int)Math.Min(last.End, 1 << 20));
            for (var rest = body[(body.IndexOf((byte)'\n') + 1)..]; rest.Length > 0;)
            {
                var end = rest.IndexOf((byte)'\n');
                entries.Add(JsonSerializer.Deserialize(rest[..end], StoreJson.Default.StoredEntry)!);
                rest = rest[(end + 1)..];
            }

            return new() { Checkpoint = first, Entries = entries };
        }
        catch (JsonException damaged)
        {
            throw new DamagedCheckpointException($"The manifest of {id} is damaged: {damaged.Message}", damaged);
        }
    }

    /// <summary>The chunks of an entry; none for what has no bytes here.</summary>
    /// <exception cref="DamagedCheckpointException">The list makes no sense.</exception>
    public ChunkReference[] ChunksOf(StoredEntry entry)
    {
        try
        {
            return entry.Chunks is null ? [] : ChunkReference.Read(entry.Chunks);
        }
        catch (InvalidDataException damaged)
        {
            throw new DamagedCheckpointException($"The manifest of {Checkpoint.Id} is damaged at {entry.Path}: {damaged.Message}", damaged);
        }
    }
}
