using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Climate.Model;

namespace Climate.Output;

/// <summary>
/// A whole state at full precision, little-endian: magic, identity, step, digest of the history so far, five fields of doubles, and the
/// SHA-256 of all of it at the end. A file whose hash does not match is refused.
/// </summary>
internal sealed record RestartFile
{
    public const string Name = "state.bin";

    private const int Version = 1, HashSize = 32, BlockSize = 1 << 20;
    private const long LengthMax = 1L << 31;

    public required RunIdentity Identity { get; init; }

    public required ModelState State { get; init; }

    /// <summary>Digest of the history with the records of this state's step.</summary>
    public required byte[] HistoryDigest { get; init; }

    /// <summary>SHA-256 of the file, in hexadecimal; empty before it is written.</summary>
    public string Hash { get; init; } = "";

    private static ReadOnlySpan<byte> Magic => "CLIMRST\n"u8;

    /// <summary>Writes the file and makes its bytes durable. It is written as it is hashed, in blocks: no second copy of the state is made.</summary>
    /// <exception cref="PlatformNotSupportedException">Numbers do not lie in memory as the file has them.</exception>
    public void Write(string path)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("restarts are written by little-endian processors only");
        }

        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Put(Head());
        foreach (var field in State.Fields)
        {
            Put(BitConverter.GetBytes(field.Length));
            var bytes = MemoryMarshal.AsBytes(field.AsSpan());
            for (var at = 0; at < bytes.Length; at += BlockSize)
            {
                Put(bytes[at..Math.Min(at + BlockSize, bytes.Length)]);
            }
        }

        stream.Write(hash.GetHashAndReset());
        stream.Flush(flushToDisk: true);

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            stream.Write(bytes);
        }
    }

    private byte[] Head()
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(Identity.Columns);
        writer.Write(Identity.Rows);
        writer.Write(Identity.Seed);
        writer.Write(Identity.Member);
        writer.Write(Identity.Forcing);
        writer.Write(Identity.RampYears);
        writer.Write(Identity.HistoryEvery);
        writer.Write(Identity.Initial);
        writer.Write(State.Step);
        writer.Write(HistoryDigest);
        writer.Flush();
        return memory.ToArray();
    }

    /// <summary>
    /// The restart file that a path names: itself, the one in a directory, or the one in the directory's newest <c>step-…</c> checkpoint.
    /// </summary>
    public static string Locate(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        var own = Path.Combine(path, Name);
        if (File.Exists(own))
        {
            return own;
        }

        var newest = Directory.EnumerateDirectories(path, "step-*")
            .Where(d => !d.EndsWith(".partial", StringComparison.Ordinal) && File.Exists(Path.Combine(d, Name)))
            .Max(StringComparer.Ordinal);
        return newest is null ? own : Path.Combine(newest, Name);
    }

    /// <exception cref="InvalidDataException">The file is no restart, or is damaged; the message says what is wrong.</exception>
    public static RestartFile Read(string path)
    {
        var length = new FileInfo(path).Length;
        if (length > LengthMax)
        {
            throw new InvalidDataException($"{path} has {length} bytes: no restart is that large");
        }

        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < Magic.Length + HashSize || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException($"{path} is not a restart of climate: it does not begin with CLIMRST");
        }

        var hash = SHA256.HashData(bytes.AsSpan(0, bytes.Length - HashSize));
        if (!hash.AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - HashSize)))
        {
            throw new InvalidDataException($"{path} is damaged: the SHA-256 at its end is not that of its {bytes.Length - HashSize} bytes");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - HashSize), Encoding.UTF8);
        try
        {
            return Decode(reader, path) with { Hash = Convert.ToHexStringLower(hash) };
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"{path} has a hash that matches, but not the layout of a restart", e);
        }
    }

    private static RestartFile Decode(BinaryReader reader, string path)
    {
        reader.BaseStream.Position = Magic.Length;
        if (reader.ReadInt32() is var version && version != Version)
        {
            throw new InvalidDataException($"{path} is of version {version}; this program reads version {Version}");
        }

        var identity = new RunIdentity
        {
            Columns = reader.ReadInt32(),
            Rows = reader.ReadInt32(),
            Seed = reader.ReadInt64(),
            Member = reader.ReadInt32(),
            Forcing = reader.ReadDouble(),
            RampYears = reader.ReadDouble(),
            HistoryEvery = reader.ReadInt32(),
            Initial = reader.ReadString(),
        };
        var state = new ModelState(new Grid(identity.Columns, identity.Rows)) { Step = reader.ReadInt64() };
        var digest = reader.ReadBytes(HashSize);
        foreach (var field in state.Fields)
        {
            if (reader.ReadInt32() is var count && count != field.Length)
            {
                throw new InvalidDataException($"{path} holds a field of {count} values where the grid has {field.Length}");
            }

            for (var i = 0; i < field.Length; i++)
            {
                field[i] = reader.ReadDouble();
            }
        }

        if (reader.BaseStream.Position != reader.BaseStream.Length)
        {
            throw new InvalidDataException($"{path} is longer than its grid asks for");
        }

        return new RestartFile { Identity = identity, State = state, HistoryDigest = digest };
    }
}
