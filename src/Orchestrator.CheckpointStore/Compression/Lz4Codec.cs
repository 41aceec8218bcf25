namespace Orchestrator.CheckpointStore.Compression;

/// <summary>LZ4 blocks, through the system's library.</summary>
internal sealed unsafe class Lz4Codec(Lz4Library library, int acceleration) : IChunkCodec
{
    public const string CodecName = "lz4";

    public string Name => CodecName;

    public int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source, into = target)
        {
            return Math.Max(0, library.Compress(from, into, source.Length, target.Length, acceleration));
        }
    }

    public void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source, into = target)
        {
            if (library.Decompress(from, into, source.Length, target.Length) != target.Length)
            {
                throw new InvalidDataException("An lz4 chunk is not what was stored.");
            }
        }
    }

    public void Dispose()
    {
    }
}
