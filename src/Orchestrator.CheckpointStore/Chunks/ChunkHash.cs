using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Orchestrator.CheckpointStore.Chunks;

/// <summary>The address of a chunk: the SHA-256 of its bytes. All zeros stands for a hole.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct ChunkHash
{
    public const int Size = 32;

    private readonly ulong first, second, third, fourth;

    public ChunkHash(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes[..Size]);
        (first, second, third, fourth) = (words[0], words[1], words[2], words[3]);
    }

    public bool IsHole => this == default;

    public static ChunkHash Of(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(data, hash);
        return new(hash);
    }

    public void CopyTo(Span<byte> target)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(target[..Size]);
        (words[0], words[1], words[2], words[3]) = (first, second, third, fourth);
    }

    /// <summary>Any of its bits are as good as random.</summary>
    public override int GetHashCode() => (int)first;

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
