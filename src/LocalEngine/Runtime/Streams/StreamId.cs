using System.Globalization;
using System.Text;
using Orleans.Streams;

namespace Orleans.Runtime;

/// <summary>The identity of a stream: a namespace and a key.</summary>
[Immutable, GenerateSerializer]
public readonly struct StreamId : IEquatable<StreamId>, IComparable<StreamId>, ISpanFormattable, IUtf8SpanFormattable
{
    private readonly byte[] fullKey;
    private readonly ushort keyIndex;
    private readonly int hash;

    private StreamId(byte[] fullKey, ushort keyIndex)
    {
        this.fullKey = fullKey;
        this.keyIndex = keyIndex;
        hash = (int)StableHash.ComputeHash(fullKey);
    }

    /// <summary>Namespace and key, one behind the other.</summary>
    public ReadOnlyMemory<byte> FullKey => fullKey;

    /// <summary>The namespace.</summary>
    public ReadOnlyMemory<byte> Namespace => fullKey.AsMemory(0, keyIndex);

    /// <summary>The key.</summary>
    public ReadOnlyMemory<byte> Key => fullKey.AsMemory(keyIndex);

    /// <summary>The stream of a namespace and a key.</summary>
    public static StreamId Create(ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key) =>
        key.IsEmpty ? throw new ArgumentNullException(nameof(key)) : new([.. ns, .. key], (ushort)ns.Length);

    /// <summary>The stream of a namespace and a GUID.</summary>
    public static StreamId Create(string? ns, Guid key) => Create(ns, key.ToString("N"));

    /// <summary>The stream of a namespace and a number.</summary>
    public static StreamId Create(string? ns, long key) => Create(ns, key.ToString(CultureInfo.InvariantCulture));

    /// <summary>The stream of a namespace and a text.</summary>
    public static StreamId Create(string? ns, string key)
    {
        var prefix = ns is null ? [] : Encoding.UTF8.GetBytes(ns);
        return new([.. prefix, .. Encoding.UTF8.GetBytes(key)], (ushort)prefix.Length);
    }

    /// <summary>The stream of an identity.</summary>
    public static StreamId Create(IStreamIdentity streamIdentity) => Create(streamIdentity.Namespace, streamIdentity.Guid);

    /// <summary>The namespace as text; null if there is none.</summary>
    public string? GetNamespace() => keyIndex == 0 ? null : Encoding.UTF8.GetString(fullKey, 0, keyIndex);

    /// <summary>The key as text.</summary>
    public string GetKeyAsString() => Encoding.UTF8.GetString(fullKey, keyIndex, fullKey.Length - keyIndex);

    /// <inheritdoc />
    public int CompareTo(StreamId other) => fullKey.AsSpan().SequenceCompareTo(other.fullKey);

    /// <inheritdoc />
    public bool Equals(StreamId other) => hash == other.hash && fullKey.AsSpan().SequenceEqual(other.fullKey);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is StreamId other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => hash;

    /// <inheritdoc />
    public override string ToString() => fullKey is null ? "" : $"{GetNamespace() ?? "null"}/{GetKeyAsString()}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{ToString()}", out charsWritten);

    bool IUtf8SpanFormattable.TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Encoding.UTF8.TryGetBytes(ToString(), utf8Destination, out bytesWritten);

    /// <summary>Equality.</summary>
    public static bool operator ==(StreamId s1, StreamId s2) => s1.Equals(s2);

    /// <summary>Inequality.</summary>
    public static bool operator !=(StreamId s1, StreamId s2) => !s1.Equals(s2);
}

/// <summary>A GUID as an identity.</summary>
[Immutable, GenerateSerializer]
public sealed class GuidId : IEquatable<GuidId>, IComparable<GuidId>
{
    /// <summary>The GUID.</summary>
    [Id(0)]
    public readonly Guid Guid;

    private GuidId(Guid guid) => Guid = guid;

    /// <summary>A new identity.</summary>
    public static GuidId GetNewGuidId() => new(new Guid(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16)));

    /// <summary>The identity of a GUID.</summary>
    public static GuidId GetGuidId(Guid guid) => new(guid);

    /// <inheritdoc />
    public int CompareTo(GuidId? other) => other is null ? 1 : Guid.CompareTo(other.Guid);

    /// <inheritdoc />
    public bool Equals(GuidId? other) => other is not null && Guid == other.Guid;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as GuidId);

    /// <inheritdoc />
    public override int GetHashCode() => Guid.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => Guid.ToString();

    /// <summary>Equality.</summary>
    public static bool operator ==(GuidId? left, GuidId? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GuidId? left, GuidId? right) => !(left == right);
}
