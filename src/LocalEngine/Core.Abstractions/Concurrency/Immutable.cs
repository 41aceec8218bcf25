namespace Orleans.Concurrency;

/// <summary>A value that nobody changes any more, so that it is passed without a copy.</summary>
[Immutable, GenerateSerializer]
public readonly struct Immutable<T>
{
    /// <summary>The value.</summary>
    public readonly T Value;

    /// <summary>Wraps a value.</summary>
    public Immutable(T value) => Value = value;
}

/// <summary>Wraps values that nobody changes any more.</summary>
public static class ImmutableExtensions
{
    /// <summary>Wraps a value.</summary>
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
