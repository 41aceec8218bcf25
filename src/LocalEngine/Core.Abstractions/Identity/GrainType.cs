using System.Text;

namespace Orleans.Runtime;

/// <summary>The kind of a grain: the name that its class was given.</summary>
[Immutable, GenerateSerializer]
public readonly struct GrainType : IEquatable<GrainType>, IComparable<GrainType>, ISpanFormattable
{
    private readonly IdSpan value;

    /// <summary>Wraps an identity.</summary>
    public GrainType(IdSpan id) => value = id;

    /// <summary>Takes UTF-8 bytes.</summary>
    public GrainType(byte[] value) => this.value = new IdSpan(value);

    /// <summary>The name's bytes.</summary>
    public IdSpan Value => value;

    /// <summary>Whether there is no name.</summary>
    public bool IsDefault => value.IsDefault;

    /// <summary>The kind of a name.</summary>
    /// <exception cref="ArgumentNullException">The name is empty.</exception>
    public static GrainType Create(string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ArgumentNullException(nameof(value));
        }

        return new GrainType(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>The bytes themselves, not a copy.</summary>
    public static byte[]? UnsafeGetArray(GrainType id) => IdSpan.UnsafeGetArray(id.value);

    /// <summary>The name's bytes.</summary>
    public ReadOnlySpan<byte> AsSpan() => value.AsSpan();

    /// <inheritdoc />
    public bool Equals(GrainType obj) => value.Equals(obj.value);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is GrainType other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => value.GetHashCode();

    /// <summary>A hash that is the same everywhere.</summary>
    public uint GetUniformHashCode() => value.GetUniformHashCode();

    /// <inheritdoc />
    public int CompareTo(GrainType other) => value.CompareTo(other.value);

    /// <inheritdoc />
    public override string ToString() => value.ToString();

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) => value.TryFormat(destination, out charsWritten);

    /// <summary>The kind's bytes.</summary>
    public static explicit operator IdSpan(GrainType kind) => kind.value;

    /// <summary>The kind of bytes.</summary>
    public static explicit operator GrainType(IdSpan id) => new(id);

    /// <summary>Equality.</summary>
    public static bool operator ==(GrainType left, GrainType right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GrainType left, GrainType right) => !left.Equals(right);
}
