using System.IO.Compression;

namespace Orchestrator.CheckpointStore.Compression;

/// <summary>gzip, from the runtime.</summary>
internal sealed class GzipCodec(int level) : IChunkCodec
{
    public const string CodecName = "gzip";

    public string Name => CodecName;

    public unsafe int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* into = target)
        {
            using var stream = new UnmanagedMemoryStream(into, 0, target.Length, FileAccess.Write);
            try
            {
                using var gzip = new GZipStream(stream, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true);
                gzip.Write(source);
            }
            catch (NotSupportedException)
            {
                // The stream cannot grow.
                return 0;
            }

            return (int)stream.Position;
        }
    }

    public unsafe void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        fixed (byte* from = source)
        {
            using var stream = new UnmanagedMemoryStream(from, source.Length);
            using var gzip = new GZipStream(stream, CompressionMode.Decompress);
            if (gzip.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) != target.Length || gzip.ReadByte() >= 0)
            {
                throw new InvalidDataException("A gzip chunk has another length than it says.");
            }
        }
    }

    public void Dispose()
    {
    }
}
