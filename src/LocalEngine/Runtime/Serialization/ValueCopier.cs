namespace Orleans.Serialization;

/// <summary>Copies the values of one type.</summary>
internal abstract class ValueCopier
{
    /// <summary>Whether values are passed as they are, because nobody can change them.</summary>
    public virtual bool IsShallow => false;

    /// <summary>Copies a value that is known as an object only. Its type is that of the copier.</summary>
    public abstract object CopyObject(object value, CopyScope scope);
}

/// <summary>Copies the values of one type.</summary>
internal abstract class ValueCopier<T> : ValueCopier
{
    /// <summary>Copies a value; null stays null.</summary>
    public abstract T Copy(T value, CopyScope scope);

    /// <inheritdoc/>
    public override object CopyObject(object value, CopyScope scope) => Copy((T)value, scope)!;
}

/// <summary>Passes values as they are.</summary>
internal sealed class ShallowCopier<T> : ValueCopier<T>
{
    // An enum without a serializer of its own is known to a receiver by its number only, once its static type is lost.
    private readonly Type? numberType = typeof(T).IsEnum && !typeof(T).IsDefined(typeof(GenerateSerializerAttribute), false)
        ? Enum.GetUnderlyingType(typeof(T))
        : null;

    public override bool IsShallow => true;

    public override T Copy(T value, CopyScope scope) => value;

    public override object CopyObject(object value, CopyScope scope) =>
        numberType is null ? value : Convert.ChangeType(value, numberType, System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Copies objects of a reference type, each once per copy.</summary>
internal abstract class ReferenceCopier<T> : ValueCopier<T> where T : class
{
    public sealed override T Copy(T value, CopyScope scope)
    {
        if (value is null)
        {
            return null!;
        }

        return scope.TryGet(value, out var copy) ? (T)copy : CopyNew(value, scope);
    }

    /// <summary>Copies an object that this copy has not met, and records it before its contents.</summary>
    protected abstract T CopyNew(T value, CopyScope scope);
}
