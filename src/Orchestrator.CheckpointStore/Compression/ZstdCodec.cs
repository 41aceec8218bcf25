namespace Orchestrator.CheckpointStore.Compression;

/// <summary>Zstandard, through the system's library.</summary>
internal sealed unsafe class ZstdCodec(ZstdLibrary library, int level) : IChunkCodec
{
    public const string CodecName = "zstd";

    private nint compressor, decompressor;

    public string Name => CodecName;

    public int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        compressor = compressor != 0 ? compressor : Require(library.CreateCompressor());
        fixed (byte* from = source, into = target)
        {
            var length = library.Compress(compressor, into, (nuint)target.Length, from, (nuint)source.Length, level);
            return library.IsError(length) != 0 ? 0 : (int)length;
        }
    }

    public void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        decompressor = decompressor != 0 ? decompressor : Require(library.CreateDecompressor());
        fixed (byte* from = source, into = target)
        {
            var length = library.Decompress(decompressor, into, (nuint)target.Length, from, (nuint)source.Length);
            if (library.IsError(length) != 0 || length != (nuint)target.Length)
            {
                throw new InvalidDataException("A zstd chunk is not what was stored.");
            }
        }
    }

    /// <summary>The library says by nothing that it found no memory.</summary>
    private static nint Require(nint context) => context != 0 ? context : throw new InsufficientMemoryException("There is no memory for zstd.");

    public void Dispose()
    {
        _ = compressor == 0 ? 0 : library.FreeCompressor(compressor);
        _ = decompressor == 0 ? 0 : library.FreeDecompressor(decompressor);
        (compressor, decompressor) = (0, 0);
    }
}
