using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Orchestrator.Core.Replay;

/// <summary>
/// Reads traces. Rules for all formats, which are those of the published results that the replay is compared with: a job whose run time is unknown or 0, or whose processors are,
/// is left out; one that ran longer than it had asked for ends when that time is up, as batch systems enforce; jobs go by submission, those of one moment in the order of the trace.
/// </summary>
public static class WorkloadReader
{
    /// <param name="content">Is read to its end and stays open.</param>
    /// <param name="name">Its ending tells the format: .swf, .csv or .json, each also with .gz. Errors name the trace by it.</param>
    /// <exception cref="WorkloadException">The trace is damaged or breaks its format.</exception>
    public static Workload Read(Stream content, string name)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentException.ThrowIfNullOrEmpty(name);
        var plain = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;
        if (Format(plain) is not { } read)
        {
            throw WorkloadException.At(name, 0, "", "the ending is not of a trace; allowed: .swf, .csv and .json, each also with .gz");
        }

        try
        {
            using var unpacked = plain.Length == name.Length ? null : Unpack(content);
            using var text = new StreamReader(unpacked ?? content, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16, leaveOpen: true);
            return read(text, name);
        }
        catch (InvalidDataException fault)
        {
            throw WorkloadException.At(name, 0, "", $"the compressed data is damaged or cut off ({fault.Message.TrimEnd('.')})", fault);
        }
        catch (DecoderFallbackException fault)
        {
            throw WorkloadException.At(name, 0, "", "it is not text in UTF-8", fault);
        }
    }

    private static Func<TextReader, string, Workload>? Format(string name) =>
        name.EndsWith(".swf", StringComparison.OrdinalIgnoreCase) ? SwfReader.Read
        : name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? JobsCsvReader.Read
        : name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? BatsimReader.Read
        : null;

    /// <summary>Whole, so that a file that is cut off is known before its first half is believed: .NET takes the end of the input for the end of the data.</summary>
    private static MemoryStream Unpack(Stream content)
    {
        using var packed = new MemoryStream();
        content.CopyTo(packed);
        packed.Position = 0;
        var unpacked = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true))
        {
            gzip.CopyTo(unpacked);
        }

        // A file ends with the checksum and the length of what its last member holds, which is the end of all that it holds.
        var bytes = packed.GetBuffer().AsSpan(0, (int)packed.Length);
        var held = unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length);
        if (bytes.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) is var length && (length > held.Length || Checksum(held[^(int)length..]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^8..])))
        {
            throw new InvalidDataException("its end does not match what it holds");
        }

        unpacked.Position = 0;
        return unpacked;
    }

    /// <summary>CRC-32 as of RFC 1952.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        Span<uint> table = stackalloc uint[256];
        for (var index = 0u; index < 256; index++)
        {
            var value = index;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xedb88320;
            }

            table[(int)index] = value;
        }

        var sum = uint.MaxValue;
        foreach (var each in bytes)
        {
            sum = table[(byte)(sum ^ each)] ^ (sum >> 8);
        }

        return ~sum;
    }
}
