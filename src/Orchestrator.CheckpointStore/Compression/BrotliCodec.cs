using System.IO.Compression;

namespace Orchestrator.CheckpointStore.Compression;

/// <summary>Brotli, from the runtime.</summary>
internal sealed class BrotliCodec(int quality) : IChunkCodec
{
    public const string CodecName = "brotli";

    private const int WindowBits = 22;

    public string Name => CodecName;

    public int Compress(ReadOnlySpan<byte> source, Span<byte> target) => BrotliEncoder.TryCompress(source, target, out var written, quality, WindowBits) ? written : 0;

    public void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (!BrotliDecoder.TryDecompress(source, target, out var written) || written != target.Length)
        {
            throw new InvalidDataException("A brotli chunk is not what was stored.");
        }
    }

    public void Dispose()
    {
    }
}
