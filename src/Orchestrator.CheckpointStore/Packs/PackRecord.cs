using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Orchestrator.CheckpointStore.Chunks;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>
/// What stands before each chunk in a pack, so that the index can be made again from the packs alone: mark, length of the chunk, length as stored, check sum of this header,
/// name of the compression, address.
/// </summary>
internal readonly record struct PackRecord(ChunkHash Hash, int Length, int Stored, string Compression)
{
    public const int HeaderLength = 64;
    public const int CompressionLengthMax = 16;

    private const uint Mark = 0x4B48434F;

    public void Write(Span<byte> header)
    {
        header = header[..HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Stored);
        Encoding.ASCII.GetBytes(Compression, header.Slice(16, CompressionLengthMax));
        Hash.CopyTo(header[32..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], CheckSum(header));
    }

    /// <summary>Null when this is no such header, or not as it was written.</summary>
    public static PackRecord? Read(ReadOnlySpan<byte> header)
    {
        if (header.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(header) != Mark)
        {
            return null;
        }

        Span<byte> copy = stackalloc byte[HeaderLength];
        header[..HeaderLength].CopyTo(copy);
        copy.Slice(12, 4).Clear();
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        var stored = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        return CheckSum(copy) == BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) && length is > 0 and <= ContentChunker.Most && stored > 0 && stored <= length
            ? new(new(header[32..]), length, stored, Encoding.ASCII.GetString(header.Slice(16, CompressionLengthMax)).TrimEnd('\0'))
            : null;
    }

    private static uint CheckSum(ReadOnlySpan<byte> header)
    {
        var sum = uint.MaxValue;
        for (var at = 0; at < HeaderLength; at += 8)
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(header[at..]));
        }

        return ~sum;
    }
}
