using System.Globalization;

namespace Orchestrator.CheckpointStore.Compression;

/// <summary>A compression and its level, as a person writes them: <c>zstd</c>, <c>zstd:3</c>, <c>none</c>.</summary>
/// <param name="Name">none, gzip, brotli, zstd or lz4.</param>
/// <param name="Level">As the compression counts: gzip 0 to 9, brotli 0 to 11, zstd -7 to 19; lz4's acceleration 1 to 64.</param>
public sealed record CompressionChoice(string Name, int Level)
{
    private static readonly (string Name, int Least, int Most, int Default)[] Known =
    [
        (NoCodec.CodecName, 0, 0, 0), (GzipCodec.CodecName, 0, 9, 1), (BrotliCodec.CodecName, 0, 11, 1), (ZstdCodec.CodecName, -7, 19, 1), (Lz4Codec.CodecName, 1, 64, 1),
    ];

    public static CompressionChoice None { get; } = new(NoCodec.CodecName, 0);

    /// <summary>zstd where the system has it, else Brotli at its fastest: of what the runtime itself offers, the one that keeps up with a disk.</summary>
    public static CompressionChoice Default { get; } = ZstdLibrary.Instance is null ? new(BrotliCodec.CodecName, 0) : new(ZstdCodec.CodecName, 1);

    /// <summary>The compressions that work here, with the version of the library that does it; "" for the runtime itself. For `doctor`.</summary>
    public static IReadOnlyList<(string Name, string? Version)> Detect() =>
    [
        (NoCodec.CodecName, ""), (GzipCodec.CodecName, ""), (BrotliCodec.CodecName, ""), (ZstdCodec.CodecName, ZstdLibrary.Instance?.Version), (Lz4Codec.CodecName, Lz4Library.Instance?.Version),
    ];

    /// <exception cref="FormatException">It is none; the message names what is allowed.</exception>
    public static CompressionChoice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? text : text[..colon];
        foreach (var known in Known)
        {
            if (known.Name != name)
            {
                continue;
            }

            if (colon < 0)
            {
                return new(name, known.Default);
            }

            return int.TryParse(text[(colon + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level) && level >= known.Least && level <= known.Most
                ? new(name, level)
                : throw new FormatException($"The level of {name} in '{text}' must be a whole number from {known.Least} to {known.Most}.");
        }

        throw new FormatException($"The compression '{text}' is unknown; allowed: {string.Join(", ", Known.Select(known => known.Name))}, each with a level like zstd:3.");
    }

    public override string ToString() => Name == NoCodec.CodecName ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}:{Level}");

    /// <exception cref="StoreException">The system lacks the library.</exception>
    internal IChunkCodec Create() => Name switch
    {
        NoCodec.CodecName => new NoCodec(),
        GzipCodec.CodecName => new GzipCodec(Level),
        BrotliCodec.CodecName => new BrotliCodec(Level),
        ZstdCodec.CodecName => new ZstdCodec(ZstdLibrary.Instance ?? throw Missing("libzstd.so.1", "libzstd1"), Level),
        Lz4Codec.CodecName => new Lz4Codec(Lz4Library.Instance ?? throw Missing("liblz4.so.1", "liblz4-1"), Math.Max(1, Level)),
        _ => throw new StoreException($"A chunk is compressed by '{Name}', which this version does not know."),
    };

    private StoreException Missing(string library, string package) =>
        new($"The compression {Name} needs {library}, which this machine does not have (Debian: {package}); none, gzip and brotli work everywhere.");
}
