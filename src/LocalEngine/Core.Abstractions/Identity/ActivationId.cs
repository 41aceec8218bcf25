using System.Security.Cryptography;

namespace Orleans.Runtime;

/// <summary>The identity of one activation of a grain.</summary>
[Immutable, GenerateSerializer]
public readonly struct ActivationId : IEquatable<ActivationId>, ISpanFormattable
{
    private readonly Guid key;

    /// <summary>Wraps a GUID.</summary>
    public ActivationId(Guid key) => this.key = key;

    /// <summary>Whether it is none.</summary>
    public bool IsDefault => key == Guid.Empty;

    /// <summary>An identity that was never given before.</summary>
    public static ActivationId NewId() => new(new Guid(RandomNumberGenerator.GetBytes(16)));

    /// <summary>An identity that follows from a grain's.</summary>
    public static ActivationId GetDeterministic(GrainId grain)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BitConverter.TryWriteBytes(bytes, grain.Type.GetUniformHashCode());
        BitConverter.TryWriteBytes(bytes[8..], grain.Key.GetUniformHashCode());
        return new ActivationId(new Guid(bytes));
    }

    /// <inheritdoc />
    public bool Equals(ActivationId other) => key.Equals(other.key);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is ActivationId other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => key.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => $"@{key:N}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"@{key:N}", out charsWritten);

    /// <summary>The text that <see cref="FromParsableString"/> reads.</summary>
    public string ToParsableString() => ToString();

    /// <summary>Reads what <see cref="ToParsableString"/> wrote.</summary>
    public static ActivationId FromParsableString(string activationId) => new(Guid.ParseExact(activationId.AsSpan(1), "N"));

    /// <summary>Equality.</summary>
    public static bool operator ==(ActivationId left, ActivationId right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(ActivationId left, ActivationId right) => !left.Equals(right);
}
