using System.Text;

namespace Orleans.Runtime;

/// <summary>A piece of an identity: UTF-8 bytes with their hash.</summary>
[Immutable, GenerateSerializer]
public readonly struct IdSpan : IEquatable<IdSpan>, IComparable<IdSpan>, ISpanFormattable
{
    private readonly byte[]? bytes;
    private readonly int hash;

    /// <summary>Takes the bytes as they are; the caller no longer changes them.</summary>
    public IdSpan(byte[] value) : this(value, (int)StableHash.ComputeHash(value)) { }

    private IdSpan(byte[]? value, int hashCode)
    {
        bytes = value;
        hash = hashCode;
    }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Value => bytes;

    /// <summary>Whether there is no content.</summary>
    public bool IsDefault => bytes is null || bytes.Length == 0;

    /// <summary>The identity of a text.</summary>
    public static IdSpan Create(string id) => new(Encoding.UTF8.GetBytes(id));

    /// <summary>Takes bytes together with a hash that was computed before.</summary>
    public static IdSpan UnsafeCreate(byte[]? value, int hashCode) => new(value, hashCode);

    /// <summary>The bytes themselves, not a copy.</summary>
    public static byte[]? UnsafeGetArray(IdSpan id) => id.bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => bytes;

    /// <inheritdoc />
    public bool Equals(IdSpan obj) =>
        ReferenceEquals(bytes, obj.bytes) || (bytes is not null && obj.bytes is not null && hash == obj.hash && bytes.AsSpan().SequenceEqual(obj.bytes));

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is IdSpan other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => hash;

    /// <summary>A hash that is the same everywhere.</summary>
    public uint GetUniformHashCode() => unchecked((uint)hash);

    /// <inheritdoc />
    public int CompareTo(IdSpan other) => (bytes, other.bytes) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        _ => bytes.AsSpan().SequenceCompareTo(other.bytes),
    };

    /// <inheritdoc />
    public override string ToString() => bytes is null ? "" : Encoding.UTF8.GetString(bytes);

    /// <summary>Writes the text into a buffer.</summary>
    public bool TryFormat(Span<char> destination, out int charsWritten) => Encoding.UTF8.TryGetChars(bytes, destination, out charsWritten);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) => TryFormat(destination, out charsWritten);

    /// <summary>Equality.</summary>
    public static bool operator ==(IdSpan left, IdSpan right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(IdSpan left, IdSpan right) => !left.Equals(right);
}
