namespace Orchestrator.CheckpointStore.Compression;

/// <summary>Gives stored chunks their bytes back, for one thread.</summary>
internal sealed class ChunkDecompressor : IDisposable
{
    private readonly Dictionary<string, IChunkCodec> codecs = [];
    private byte[] shuffled = [];

    /// <exception cref="InvalidDataException">These are not the bytes that were stored.</exception>
    /// <exception cref="StoreException">The compression is not to be had here.</exception>
    public void Decompress(string name, ReadOnlySpan<byte> stored, Span<byte> chunk)
    {
        var plus = name.IndexOf(ChunkCompressor.ShuffledBy, StringComparison.Ordinal);
        var codec = CodecOf(plus < 0 ? name : name[..plus]);
        if (plus < 0)
        {
            codec.Decompress(stored, chunk);
            return;
        }

        if (shuffled.Length < chunk.Length)
        {
            shuffled = GC.AllocateUninitializedArray<byte>(Math.Max(chunk.Length, 2 * 1024 * 1024));
        }

        var middle = shuffled.AsSpan(0, chunk.Length);
        codec.Decompress(stored, middle);
        ByteShuffle.Undo(middle, chunk, name[(plus + 1)..] switch
        {
            "8" => 8,
            "4" => 4,
            _ => throw new StoreException($"A chunk is compressed by '{name}', which this version does not know."),
        });
    }

    public void Dispose()
    {
        foreach (var codec in codecs.Values)
        {
            codec.Dispose();
        }
    }

    private IChunkCodec CodecOf(string name)
    {
        if (!codecs.TryGetValue(name, out var codec))
        {
            codecs.Add(name, codec = new CompressionChoice(name, 1).Create());
        }

        return codec;
    }
}
