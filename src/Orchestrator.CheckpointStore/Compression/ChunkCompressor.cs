namespace Orchestrator.CheckpointStore.Compression;

/// <summary>
/// Compresses chunks, for one thread: tries on samples whether it pays, and whether numbers should be shuffled first. What does not get smaller is stored as it is. The way is
/// recorded by name: <c>zstd</c>, <c>zstd+8</c> (shuffled as numbers of 8 bytes), <c>none</c>.
/// </summary>
internal sealed class ChunkCompressor : IDisposable
{
    public const char ShuffledBy = '+';

    private const int SampleLength = 8 * 1024, Samples = 3, SampledFrom = 4 * SampleLength * Samples;
    private static readonly int[] Widths = [0, 8, 4];

    private readonly IChunkCodec codec;
    private readonly string[] names;
    private readonly byte[] sample = new byte[SampleLength * Samples], shuffledSample = new byte[SampleLength * Samples], tried = new byte[SampleLength * Samples * 2];
    private byte[] target = [], shuffled = [];

    public ChunkCompressor(CompressionChoice choice)
    {
        codec = choice.Create();
        names = [codec.Name, $"{codec.Name}{ShuffledBy}8", $"{codec.Name}{ShuffledBy}4"];
    }

    public void Dispose() => codec.Dispose();

    /// <summary>What to store, valid until the next call, and its name.</summary>
    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> chunk, out string name)
    {
        name = NoCodec.CodecName;
        if (codec is NoCodec || chunk.Length < 64)
        {
            return chunk;
        }

        var way = chunk.Length < SampledFrom ? 0 : BestOf(chunk);
        if (way < 0)
        {
            return chunk;
        }

        Grow(ref target, chunk.Length);
        var source = chunk;
        if (way > 0)
        {
            Grow(ref shuffled, chunk.Length);
            ByteShuffle.Apply(chunk, shuffled.AsSpan(0, chunk.Length), Widths[way]);
            source = shuffled.AsSpan(0, chunk.Length);
        }

        // Less than that is not worth the work at restore.
        var length = codec.Compress(source, target.AsSpan(0, chunk.Length - (chunk.Length / 64)));
        if (length == 0)
        {
            return chunk;
        }

        name = names[way];
        return target.AsSpan(0, length);
    }

    /// <summary>The index of the width that makes samples smallest; -1 when none makes them smaller.</summary>
    private int BestOf(ReadOnlySpan<byte> chunk)
    {
        for (var number = 0; number < Samples; number++)
        {
            var at = (int)((long)(chunk.Length - SampleLength) * number / (Samples - 1)) & ~7;
            chunk.Slice(at, SampleLength).CopyTo(sample.AsSpan(number * SampleLength));
        }

        var (best, least) = (-1, sample.Length - (sample.Length / 32));
        for (var way = 0; way < Widths.Length; way++)
        {
            var source = sample;
            if (way > 0)
            {
                ByteShuffle.Apply(sample, shuffledSample, Widths[way]);
                source = shuffledSample;
            }

            var length = codec.Compress(source, tried);
            if (length > 0 && length < least)
            {
                // Shuffling costs time twice: it has to gain something.
                (best, least) = (way, length - (length / 25));
            }
        }

        return best;
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = GC.AllocateUninitializedArray<byte>(Math.Max(length, 2 * 1024 * 1024));
        }
    }
}
