using System.Buffers.Binary;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>The form of a pack: 16 bytes that say what it is, then chunks, each behind its header.</summary>
internal static class PackFile
{
    public const int HeadLength = 16;

    /// <summary>A pack is closed once it is as long as this.</summary>
    public const long FullLength = 128 * 1024 * 1024;

    private const ulong Mark = 0x3150_4843_524F_2A2A;

    public static void WriteHead(Span<byte> head)
    {
        head[..HeadLength].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(head, Mark);
        head[8] = 1;
    }

    /// <summary>
    /// The chunks of a pack by their headers alone, as far as they are whole: a pack that was being written when the power failed ends anywhere.
    /// </summary>
    public static List<(PackRecord Record, uint Offset)> Scan(IStoreFileReader reader)
    {
        var found = new List<(PackRecord, uint)>();
        Span<byte> header = stackalloc byte[PackRecord.HeaderLength];
        var length = reader.Length;
        if (reader.Read(0, header[..HeadLength]) < HeadLength || BinaryPrimitives.ReadUInt64LittleEndian(header) != Mark)
        {
            return found;
        }

        for (long at = HeadLength; at + PackRecord.HeaderLength <= length && at <= uint.MaxValue;)
        {
            if (reader.Read(at, header) < header.Length || PackRecord.Read(header) is not { } record || at + PackRecord.HeaderLength + record.Stored > length)
            {
                break;
            }

            found.Add((record, (uint)at));
            at += PackRecord.HeaderLength + record.Stored;
        }

        return found;
    }

    /// <summary>Reads a chunk and proves that its bytes are those of its address; null, with a reason, when they are not.</summary>
    /// <remarks><paramref name="stored"/> has room for header and stored bytes; <paramref name="chunk"/> is as long as the chunk.</remarks>
    public static string? ReadChunk(IStoreFileReader reader, in ChunkHash hash, ChunkPlace place, Span<byte> stored, Span<byte> chunk, ChunkDecompressor decompressor)
    {
        stored = stored[..(PackRecord.HeaderLength + place.Stored)];
        if (reader.Read(place.Offset, stored) < stored.Length)
        {
            return "its pack is cut off";
        }

        if (PackRecord.Read(stored) is not { } record || record.Hash != hash || record.Length != place.Length || record.Stored != place.Stored)
        {
            return "its header is damaged";
        }

        try
        {
            decompressor.Decompress(record.Compression, stored[PackRecord.HeaderLength..], chunk);
        }
        catch (InvalidDataException damaged)
        {
            return damaged.Message;
        }

        return ChunkHash.Of(chunk) == hash ? null : "its bytes have changed";
    }
}
