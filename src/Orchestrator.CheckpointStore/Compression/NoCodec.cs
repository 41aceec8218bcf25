namespace Orchestrator.CheckpointStore.Compression;

/// <summary>The bytes as they are.</summary>
internal sealed class NoCodec : IChunkCodec
{
    public const string CodecName = "none";

    public string Name => CodecName;

    public int Compress(ReadOnlySpan<byte> source, Span<byte> target) => source.TryCopyTo(target) ? source.Length : 0;

    public void Decompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        if (source.Length != target.Length)
        {
            throw new InvalidDataException("A chunk that is not compressed has another length than it says.");
        }

        source.CopyTo(target);
    }

    public void Dispose()
    {
    }
}
