namespace Orleans.Runtime;

/// <summary>The address of a grain, by one of its interfaces. It is a value: it may be kept, passed and compared.</summary>
[Immutable]
public class GrainReference : IAddressable, IEquatable<GrainReference>, ISpanFormattable
{
    internal GrainReference(GrainId grainId, GrainInterfaceType interfaceType)
    {
        GrainId = grainId;
        InterfaceType = interfaceType;
    }

    /// <summary>The grain.</summary>
    public GrainId GrainId { get; }

    /// <summary>The interface.</summary>
    public GrainInterfaceType InterfaceType { get; }

    /// <summary>The interface's name.</summary>
    public virtual string InterfaceName => InterfaceType.ToString();

    /// <summary>The version of the interface.</summary>
    public ushort InterfaceVersion => 0;

    internal virtual IGrainFactory Factory => throw new InvalidOperationException($"The reference to {GrainId} is not bound to a silo or client.");

    internal virtual object CastTo(Type interfaceType) => throw new InvalidOperationException($"The reference to {GrainId} is not bound to a silo or client.");

    /// <summary>The same grain by another interface.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>() where TGrainInterface : IAddressable => Factory.GetGrain<TGrainInterface>(GrainId);

    /// <summary>A hash that is the same everywhere.</summary>
    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    /// <inheritdoc />
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc />
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc />
    public sealed override string ToString() => $"GrainReference:{GrainId}{(InterfaceType.IsDefault ? "" : $":{InterfaceType}")}";

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        destination.TryWrite($"{ToString()}", out charsWritten);

    /// <summary>Equality.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) => reference1 is null ? reference2 is null : reference1.Equals(reference2);

    /// <summary>Inequality.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);
}
