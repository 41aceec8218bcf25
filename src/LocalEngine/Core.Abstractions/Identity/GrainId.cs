using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orleans.Runtime;

/// <summary>The identity of a grain: its kind and its key, written "kind/key".</summary>
[Immutable, GenerateSerializer]
[JsonConverter(typeof(GrainIdJsonConverter))]
public readonly struct GrainId : IEquatable<GrainId>, IComparable<GrainId>, ISpanFormattable, ISpanParsable<GrainId>
{
    private readonly GrainType type;
    private readonly IdSpan key;

    /// <summary>The identity of a kind and a key.</summary>
    public GrainId(GrainType type, IdSpan key)
    {
        this.type = type;
        this.key = key;
    }

    /// <summary>The kind.</summary>
    public GrainType Type => type;

    /// <summary>The key.</summary>
    public IdSpan Key => key;

    /// <summary>Whether there is neither kind nor key.</summary>
    public bool IsDefault => type.IsDefault && key.IsDefault;

    /// <summary>The identity of a kind and a key.</summary>
    public static GrainId Create(string type, string key) => Create(GrainType.Create(type), key);

    /// <summary>The identity of a kind and a key.</summary>
    /// <exception cref="ArgumentNullException">The key is empty.</exception>
    public static GrainId Create(GrainType type, string key)
    {
        if (string.IsNullOrWhiteSpace(key))
        {
            throw new ArgumentNullException(nameof(key));
        }

        return new GrainId(type, IdSpan.Create(key));
    }

    /// <summary>The identity of a kind and a key.</summary>
    public static GrainId Create(GrainType type, IdSpan key) => new(type, key);

    /// <summary>Reads "kind/key".</summary>
    /// <exception cref="ArgumentException">There is no slash.</exception>
    public static GrainId Parse(ReadOnlySpan<char> value, IFormatProvider? provider = null) =>
        TryParse(value, provider, out var result) ? result : throw new ArgumentException($"Unable to parse \"{value}\" as a grain id");

    /// <summary>Reads "kind/key".</summary>
    public static GrainId Parse(string value) => Parse(value.AsSpan(), null);

    /// <summary>Reads "kind/key".</summary>
    public static GrainId Parse(string value, IFormatProvider? provider = null) => Parse(value.AsSpan(), provider);

    /// <summary>Reads "kind/key", if it is one.</summary>
    public static bool TryParse(string? value, out GrainId result) => TryParse(value.AsSpan(), null, out result);

    /// <summary>Reads "kind/key", if it is one.</summary>
    public static bool TryParse(string? value, IFormatProvider? provider, out GrainId result) => TryParse(value.AsSpan(), provider, out result);

    /// <summary>Reads "kind/key", if it is one.</summary>
    public static bool TryParse(ReadOnlySpan<char> value, IFormatProvider? provider, out GrainId result)
    {
        var slash = value.IndexOf('/');
        if (slash < 0)
        {
            result = default;
            return false;
        }

        result = new GrainId(new GrainType(Utf8(value[..slash])), new IdSpan(Utf8(value[(slash + 1)..])));
        return true;
    }

    /// <inheritdoc />
    public bool Equals(GrainId other) => key.Equals(other.key) && type.Equals(other.type);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(type, key);

    /// <summary>A hash that is the same everywhere and for ever: reminder tables store it.</summary>
    public uint GetUniformHashCode() => unchecked((type.GetUniformHashCode() * 31) + key.GetUniformHashCode());

    /// <inheritdoc />
    public int CompareTo(GrainId other) => type.CompareTo(other.type) is var order and not 0 ? order : key.CompareTo(other.key);

    /// <inheritdoc />
    public override string ToString() => $"{type}/{key}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{type}/{key}", out charsWritten);

    private static byte[] Utf8(ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>Equality.</summary>
    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}

/// <summary>Writes grain identities as JSON strings, also as names of properties.</summary>
public sealed class GrainIdJsonConverter : JsonConverter<GrainId>
{
    /// <inheritdoc />
    public override GrainId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => GrainId.Parse(reader.GetString()!);

    /// <inheritdoc />
    public override GrainId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options);

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, GrainId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <inheritdoc />
    public override void WriteAsPropertyName(Utf8JsonWriter writer, GrainId value, JsonSerializerOptions options) => writer.WritePropertyName(value.ToString());
}
