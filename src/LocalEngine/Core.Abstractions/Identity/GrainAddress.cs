using System.Globalization;

namespace Orleans.Runtime;

/// <summary>A version of the cluster's membership.</summary>
[Immutable, GenerateSerializer]
public readonly struct MembershipVersion : IEquatable<MembershipVersion>, IComparable<MembershipVersion>, ISpanFormattable
{
    /// <summary>The version of a number.</summary>
    public MembershipVersion(long version) => Value = version;

    /// <summary>The number.</summary>
    [Id(0)]
    public long Value { get; init; }

    /// <summary>The lowest version.</summary>
    public static MembershipVersion MinValue => new(long.MinValue);

    /// <inheritdoc />
    public int CompareTo(MembershipVersion other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public bool Equals(MembershipVersion other) => Value == other.Value;

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is MembershipVersion other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc />
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(destination, out charsWritten, format, provider);

    /// <summary>Equality.</summary>
    public static bool operator ==(MembershipVersion left, MembershipVersion right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(MembershipVersion left, MembershipVersion right) => !left.Equals(right);

    /// <summary>Order.</summary>
    public static bool operator >(MembershipVersion left, MembershipVersion right) => left.Value > right.Value;

    /// <summary>Order.</summary>
    public static bool operator <(MembershipVersion left, MembershipVersion right) => left.Value < right.Value;

    /// <summary>Order.</summary>
    public static bool operator >=(MembershipVersion left, MembershipVersion right) => left.Value >= right.Value;

    /// <summary>Order.</summary>
    public static bool operator <=(MembershipVersion left, MembershipVersion right) => left.Value <= right.Value;
}

/// <summary>Where a grain is active.</summary>
[Immutable, GenerateSerializer]
public sealed class GrainAddress : IEquatable<GrainAddress>, ISpanFormattable
{
    /// <summary>The grain.</summary>
    [Id(0)]
    public GrainId GrainId { get; init; }

    /// <summary>The activation.</summary>
    [Id(1)]
    public ActivationId ActivationId { get; init; }

    /// <summary>The silo.</summary>
    [Id(2)]
    public SiloAddress? SiloAddress { get; init; }

    /// <summary>The membership in which it was placed.</summary>
    [Id(3)]
    public MembershipVersion MembershipVersion { get; init; }

    /// <summary>Whether grain, activation and silo are known.</summary>
    public bool IsComplete => !GrainId.IsDefault && !ActivationId.IsDefault && SiloAddress is not null;

    /// <inheritdoc />
    public bool Equals(GrainAddress? other) => other is not null && Matches(other) && MembershipVersion == other.MembershipVersion;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as GrainAddress);

    /// <summary>Whether both name the same activation.</summary>
    public bool Matches(GrainAddress? other) => other is not null && GrainId == other.GrainId && ActivationId == other.ActivationId && Equals(SiloAddress, other.SiloAddress);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(GrainId, ActivationId, SiloAddress);

    /// <inheritdoc />
    public override string ToString() => $"[{SiloAddress} {GrainId} {ActivationId}]";

    /// <summary>The text with the membership version.</summary>
    public string ToFullString() => $"[GrainAddress GrainId={GrainId}, ActivationId={ActivationId}, SiloAddress={SiloAddress}, MembershipVersion={MembershipVersion}]";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{ToString()}", out charsWritten);
}
