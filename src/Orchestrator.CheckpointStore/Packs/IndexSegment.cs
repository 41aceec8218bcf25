using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.CheckpointStore.Chunks;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>
/// One file of the index: the names of some packs, and where each chunk in them is. Written once, whole; it ends with the SHA-256 of everything before.
/// </summary>
internal sealed record IndexSegment
{
    private const ulong Mark = 0x3158_4449_524F_2A2A;
    private const int EntryLength = ChunkHash.Size + 16;

    public required IReadOnlyList<string> Packs { get; init; }

    /// <summary>The number of a pack counts in <see cref="Packs"/>.</summary>
    public required IReadOnlyList<(ChunkHash Hash, ChunkPlace Place)> Entries { get; init; }

    public byte[] Write()
    {
        var names = Packs.Sum(pack => 2 + Encoding.UTF8.GetByteCount(pack));
        var bytes = new byte[16 + names + 4 + (Entries.Count * EntryLength) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Packs.Count);
        var at = 16;
        foreach (var pack in Packs)
        {
            var length = Encoding.UTF8.GetBytes(pack, bytes.AsSpan(at + 2));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)length);
            at += 2 + length;
        }

        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), Entries.Count);
        at += 4;
        foreach (var (hash, place) in Entries)
        {
            var entry = bytes.AsSpan(at, EntryLength);
            hash.CopyTo(entry);
            BinaryPrimitives.WriteInt32LittleEndian(entry[32..], place.Pack);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[36..], place.Offset);
            BinaryPrimitives.WriteInt32LittleEndian(entry[40..], place.Stored);
            BinaryPrimitives.WriteInt32LittleEndian(entry[44..], place.Length);
            at += EntryLength;
        }

        SHA256.HashData(bytes.AsSpan(0, at), bytes.AsSpan(at));
        return bytes;
    }

    /// <summary>Null when these bytes are not what was written.</summary>
    public static IndexSegment? Read(ReadOnlySpan<byte> bytes)
    {
        const int least = 16 + 4 + SHA256.HashSizeInBytes;
        if (bytes.Length < least || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Mark || BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) != 1)
        {
            return null;
        }

        var body = bytes[..^SHA256.HashSizeInBytes];
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(bytes[body.Length..]))
        {
            return null;
        }

        var packs = new string[BinaryPrimitives.ReadInt32LittleEndian(body[12..])];
        var at = 16;
        for (var pack = 0; pack < packs.Length; pack++)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(body[at..]);
            packs[pack] = Encoding.UTF8.GetString(body.Slice(at + 2, length));
            at += 2 + length;
        }

        var entries = new (ChunkHash, ChunkPlace)[BinaryPrimitives.ReadInt32LittleEndian(body[at..])];
        at += 4;
        for (var number = 0; number < entries.Length; number++)
        {
            var entry = body.Slice(at, EntryLength);
            entries[number] = (
                new(entry),
                new(
                    BinaryPrimitives.ReadInt32LittleEndian(entry[32..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[36..]),
                    BinaryPrimitives.ReadInt32LittleEndian(entry[40..]), BinaryPrimitives.ReadInt32LittleEndian(entry[44..])));
            at += EntryLength;
        }

        return new() { Packs = packs, Entries = entries };
    }
}
