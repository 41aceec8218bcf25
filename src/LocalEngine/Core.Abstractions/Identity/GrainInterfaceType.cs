namespace Orleans.Runtime;

/// <summary>The name of a grain interface.</summary>
[Immutable, GenerateSerializer]
public readonly struct GrainInterfaceType : IEquatable<GrainInterfaceType>, ISpanFormattable
{
    private readonly IdSpan value;

    /// <summary>The interface of a name.</summary>
    public GrainInterfaceType(string value) => this.value = IdSpan.Create(value);

    /// <summary>The interface of a name.</summary>
    public GrainInterfaceType(IdSpan value) => this.value = value;

    /// <summary>The name.</summary>
    public IdSpan Value => value;

    /// <summary>Whether there is no name.</summary>
    public bool IsDefault => value.IsDefault;

    /// <summary>The interface of a name.</summary>
    /// <exception cref="ArgumentNullException">The name is empty.</exception>
    public static GrainInterfaceType Create(string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new ArgumentNullException(nameof(value));
        }

        return new GrainInterfaceType(value);
    }

    /// <inheritdoc />
    public bool Equals(GrainInterfaceType other) => value.Equals(other.value);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is GrainInterfaceType other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => value.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => value.ToString();

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) => value.TryFormat(destination, out charsWritten);

    /// <summary>Equality.</summary>
    public static bool operator ==(GrainInterfaceType left, GrainInterfaceType right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GrainInterfaceType left, GrainInterfaceType right) => !left.Equals(right);
}
