namespace Orleans.Serialization;

/// <summary>Copies objects as a grain call does: what comes back is what a receiver would get.</summary>
public sealed class DeepCopier
{
    internal DeepCopier()
    {
    }

    /// <summary>A copier of one type.</summary>
    public DeepCopier<T> GetCopier<T>() => new();

    /// <summary>A copy of a value.</summary>
    /// <exception cref="CodecNotFoundException">The value, or something in it, is of a type that is not serializable.</exception>
    public T Copy<T>(T value) => TypeCopiers.Copy(value);
}

/// <summary>Copies objects of one type as a grain call does.</summary>
public sealed class DeepCopier<T>
{
    internal DeepCopier()
    {
    }

    /// <summary>A copy of a value.</summary>
    /// <exception cref="CodecNotFoundException">The value, or something in it, is of a type that is not serializable.</exception>
    public T Copy(T value) => TypeCopiers.Copy(value);
}
