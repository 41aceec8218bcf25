namespace Orleans.Serialization;

/// <summary>Copies values by their type at run time: members and elements that are declared as a base type or an interface.</summary>
internal sealed class PolymorphicCopier<T> : ValueCopier<T>
{
    public override T Copy(T value, CopyScope scope) =>
        value is null || value.GetType() == typeof(object) ? value : (T)TypeCopiers.Get(value.GetType()).CopyObject(value, scope);
}

/// <summary>Copies values of a class that others may derive from.</summary>
internal sealed class UnsealedCopier<T>(ValueCopier<T> exact) : ValueCopier<T>
{
    public override T Copy(T value, CopyScope scope)
    {
        if (value is null)
        {
            return value;
        }

        var type = value.GetType();
        return type == typeof(T) ? exact.Copy(value, scope) : (T)TypeCopiers.Get(type).CopyObject(value, scope);
    }
}

/// <summary>
/// Copies what is declared as a collection interface: by its type at run time where that is serializable, else into the
/// plain collection that implements the interface (what a collection expression or a query makes).
/// </summary>
internal abstract class InterfaceCopier<TInterface, T, TPlain> : ValueCopier<TInterface>
    where TInterface : class
    where TPlain : class, ICollection<T>
{
    private readonly ValueCopier<T> elements = TypeCopiers.ForMember<T>();

    public sealed override TInterface Copy(TInterface value, CopyScope scope)
    {
        if (value is null)
        {
            return null!;
        }

        if (TypeCopiers.TryGet(value.GetType()) is { } copier)
        {
            return (TInterface)copier.CopyObject(value, scope);
        }

        if (scope.TryGet(value, out var copy))
        {
            return (TInterface)copy;
        }

        // The cast holds: this copier is made only for the interfaces that the plain collection implements.
        var plain = Create();
        scope.Record(value, plain);
        foreach (var item in (IEnumerable<T>)value)
        {
            plain.Add(elements.Copy(item, scope));
        }

        return (TInterface)(object)plain;
    }

    protected abstract TPlain Create();
}

/// <summary>Falls back to a list.</summary>
internal sealed class ListInterfaceCopier<TInterface, T> : InterfaceCopier<TInterface, T, List<T>> where TInterface : class
{
    protected override List<T> Create() => [];
}

/// <summary>Falls back to a hash set.</summary>
internal sealed class SetInterfaceCopier<TInterface, T> : InterfaceCopier<TInterface, T, HashSet<T>> where TInterface : class
{
    protected override HashSet<T> Create() => [];
}

/// <summary>Falls back to a dictionary.</summary>
internal sealed class DictionaryInterfaceCopier<TInterface, TKey, TValue> : InterfaceCopier<TInterface, KeyValuePair<TKey, TValue>, Dictionary<TKey, TValue>>
    where TInterface : class
    where TKey : notnull
{
    protected override Dictionary<TKey, TValue> Create() => [];
}
