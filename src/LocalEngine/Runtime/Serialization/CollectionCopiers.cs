using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;

namespace Orleans.Serialization;

/// <summary>Makes the copiers of the collections that are serializable without an attribute.</summary>
internal static class CollectionCopiers
{
    private static readonly Dictionary<Type, string> Factories = new()
    {
        [typeof(List<>)] = nameof(List),
        [typeof(Dictionary<,>)] = nameof(Dictionary),
        [typeof(HashSet<>)] = nameof(HashSet),
        [typeof(Queue<>)] = nameof(Queue),
        [typeof(Stack<>)] = nameof(Stack),
        [typeof(LinkedList<>)] = nameof(LinkedList),
        [typeof(SortedSet<>)] = nameof(SortedSet),
        [typeof(SortedDictionary<,>)] = nameof(SortedDictionary),
        [typeof(SortedList<,>)] = nameof(SortedList),
        [typeof(Collection<>)] = nameof(Collection),
        [typeof(ReadOnlyCollection<>)] = nameof(ReadOnlyCollection),
        [typeof(ReadOnlyDictionary<,>)] = nameof(ReadOnlyDictionary),
        [typeof(ConcurrentDictionary<,>)] = nameof(ConcurrentDictionary),
        [typeof(ConcurrentQueue<>)] = nameof(ConcurrentQueue),
        [typeof(ImmutableArray<>)] = nameof(ImmutableArray),
        [typeof(ImmutableList<>)] = nameof(ImmutableList),
        [typeof(ImmutableHashSet<>)] = nameof(ImmutableHashSet),
        [typeof(ImmutableSortedSet<>)] = nameof(ImmutableSortedSet),
        [typeof(ImmutableQueue<>)] = nameof(ImmutableQueue),
        [typeof(ImmutableStack<>)] = nameof(ImmutableStack),
        [typeof(ImmutableDictionary<,>)] = nameof(ImmutableDictionary),
        [typeof(ImmutableSortedDictionary<,>)] = nameof(ImmutableSortedDictionary),
    };

    /// <summary>The copier of a collection, or null when the type is not one of them.</summary>
    public static ValueCopier? TryCreate(Type type)
    {
        if (type.IsSZArray)
        {
            return Invoke(nameof(Array), type.GetElementType()!);
        }

        return type.IsConstructedGenericType && Factories.TryGetValue(type.GetGenericTypeDefinition(), out var factory)
            ? Invoke(factory, type.GetGenericArguments())
            : null;
    }

    private static ValueCopier Invoke(string factory, params Type[] arguments)
    {
        var method = typeof(CollectionCopiers).GetMethod(factory, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(arguments);
        return method.CreateDelegate<Func<ValueCopier>>()();
    }

    private static ValueCopier Array<T>() => new ArrayCopier<T>();

    private static ValueCopier List<T>() => new ListCopier<T>();

    private static ValueCopier Dictionary<TKey, TValue>() where TKey : notnull => new DictionaryCopier<TKey, TValue>();

    private static ValueCopier HashSet<T>() =>
        new SequenceCopier<HashSet<T>, T>(static source => new(source.Count, source.Comparer), static (target, item) => target.Add(item));

    private static ValueCopier Queue<T>() =>
        new SequenceCopier<Queue<T>, T>(static source => new(source.Count), static (target, item) => target.Enqueue(item));

    // A stack lists its top first.
    private static ValueCopier Stack<T>() =>
        new SequenceCopier<Stack<T>, T>(static source => new(source.Count), static (target, item) => target.Push(item), static source => source.Reverse());

    private static ValueCopier LinkedList<T>() =>
        new SequenceCopier<LinkedList<T>, T>(static _ => new(), static (target, item) => target.AddLast(item));

    private static ValueCopier SortedSet<T>() =>
        new SequenceCopier<SortedSet<T>, T>(static source => new(source.Comparer), static (target, item) => target.Add(item));

    private static ValueCopier SortedDictionary<TKey, TValue>() where TKey : notnull =>
        new SequenceCopier<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(static source => new(source.Comparer), static (target, item) => target.Add(item.Key, item.Value));

    private static ValueCopier SortedList<TKey, TValue>() where TKey : notnull =>
        new SequenceCopier<SortedList<TKey, TValue>, KeyValuePair<TKey, TValue>>(static source => new(source.Count, source.Comparer), static (target, item) => target.Add(item.Key, item.Value));

    private static ValueCopier Collection<T>() =>
        new SequenceCopier<Collection<T>, T>(static _ => [], static (target, item) => target.Add(item));

    private static ValueCopier ConcurrentDictionary<TKey, TValue>() where TKey : notnull =>
        new SequenceCopier<ConcurrentDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(static source => new(source.Comparer), static (target, item) => target[item.Key] = item.Value);

    private static ValueCopier ConcurrentQueue<T>() =>
        new SequenceCopier<ConcurrentQueue<T>, T>(static _ => new(), static (target, item) => target.Enqueue(item));

    private static ValueCopier ReadOnlyCollection<T>() =>
        new BuiltCopier<ReadOnlyCollection<T>, T>(static (_, items) => new(items), keepsItems: false);

    private static ValueCopier ReadOnlyDictionary<TKey, TValue>() where TKey : notnull =>
        new BuiltCopier<ReadOnlyDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(static (_, items) => new(new Dictionary<TKey, TValue>(items)), keepsItems: false);

    private static ValueCopier ImmutableArray<T>() => new ImmutableArrayCopier<T>();

    private static ValueCopier ImmutableList<T>() =>
        new BuiltCopier<ImmutableList<T>, T>(static (_, items) => [.. items], keepsItems: true);

    private static ValueCopier ImmutableHashSet<T>() =>
        new BuiltCopier<ImmutableHashSet<T>, T>(static (source, items) => source.Clear().Union(items), keepsItems: true);

    private static ValueCopier ImmutableSortedSet<T>() =>
        new BuiltCopier<ImmutableSortedSet<T>, T>(static (source, items) => source.Clear().Union(items), keepsItems: true);

    private static ValueCopier ImmutableQueue<T>() =>
        new BuiltCopier<ImmutableQueue<T>, T>(static (_, items) => [.. items], keepsItems: true);

    private static ValueCopier ImmutableStack<T>() =>
        new BuiltCopier<ImmutableStack<T>, T>(static (_, items) => System.Collections.Immutable.ImmutableStack.CreateRange(Enumerable.Reverse(items)), keepsItems: true);

    private static ValueCopier ImmutableDictionary<TKey, TValue>() where TKey : notnull =>
        new BuiltCopier<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(static (source, items) => source.Clear().AddRange(items), keepsItems: true);

    private static ValueCopier ImmutableSortedDictionary<TKey, TValue>() where TKey : notnull =>
        new BuiltCopier<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(static (source, items) => source.Clear().AddRange(items), keepsItems: true);
}

internal sealed class ArrayCopier<T> : ReferenceCopier<T[]>
{
    private readonly ValueCopier<T> elements = TypeCopiers.ForMember<T>();

    protected override T[] CopyNew(T[] value, CopyScope scope)
    {
        if (value.Length == 0)
        {
            return value;
        }

        if (elements.IsShallow)
        {
            var same = (T[])value.Clone();
            scope.Record(value, same);
            return same;
        }

        var copy = new T[value.Length];
        scope.Record(value, copy);
        for (var index = 0; index < value.Length; index++)
        {
            copy[index] = elements.Copy(value[index], scope);
        }

        return copy;
    }
}

internal sealed class ListCopier<T> : ReferenceCopier<List<T>>
{
    private readonly ValueCopier<T> elements = TypeCopiers.ForMember<T>();

    protected override List<T> CopyNew(List<T> value, CopyScope scope)
    {
        if (elements.IsShallow)
        {
            var same = new List<T>(value);
            scope.Record(value, same);
            return same;
        }

        var copy = new List<T>(value.Count);
        scope.Record(value, copy);
        foreach (var item in value)
        {
            copy.Add(elements.Copy(item, scope));
        }

        return copy;
    }
}

internal sealed class DictionaryCopier<TKey, TValue> : ReferenceCopier<Dictionary<TKey, TValue>> where TKey : notnull
{
    private readonly ValueCopier<TKey> keys = TypeCopiers.ForMember<TKey>();
    private readonly ValueCopier<TValue> values = TypeCopiers.ForMember<TValue>();

    protected override Dictionary<TKey, TValue> CopyNew(Dictionary<TKey, TValue> value, CopyScope scope)
    {
        if (keys.IsShallow && values.IsShallow)
        {
            var same = new Dictionary<TKey, TValue>(value, value.Comparer);
            scope.Record(value, same);
            return same;
        }

        var copy = new Dictionary<TKey, TValue>(value.Count, value.Comparer);
        scope.Record(value, copy);
        foreach (var (key, item) in value)
        {
            copy[keys.Copy(key, scope)] = values.Copy(item, scope);
        }

        return copy;
    }
}

/// <summary>Copies a collection that is filled item by item.</summary>
internal sealed class SequenceCopier<TCollection, T>(
    Func<TCollection, TCollection> createEmpty,
    Action<TCollection, T> add,
    Func<TCollection, IEnumerable<T>>? inOrderOfAdding = null) : ReferenceCopier<TCollection>
    where TCollection : class, IEnumerable<T>
{
    private readonly ValueCopier<T> elements = TypeCopiers.ForMember<T>();

    protected override TCollection CopyNew(TCollection value, CopyScope scope)
    {
        var copy = createEmpty(value);
        scope.Record(value, copy);
        foreach (var item in inOrderOfAdding is null ? value : inOrderOfAdding(value))
        {
            add(copy, elements.Copy(item, scope));
        }

        return copy;
    }
}

/// <summary>Copies a collection that is made at once of all its items. With items that nobody can change it is passed as it is.</summary>
internal sealed class BuiltCopier<TCollection, T>(Func<TCollection, List<T>, TCollection> build, bool keepsItems) : ReferenceCopier<TCollection>
    where TCollection : class, IEnumerable<T>
{
    private readonly ValueCopier<T> elements = TypeCopiers.ForMember<T>();

    // A read-only wrapper shows changes of what it wraps, so it is always copied.
    public override bool IsShallow => keepsItems && elements.IsShallow;

    protected override TCollection CopyNew(TCollection value, CopyScope scope)
    {
        if (IsShallow)
        {
            return value;
        }

        var items = new List<T>();
        foreach (var item in value)
        {
            items.Add(elements.Copy(item, scope));
        }

        var copy = build(value, items);
        scope.Record(value, copy);
        return copy;
    }
}

internal sealed class ImmutableArrayCopier<T> : ValueCopier<ImmutableArray<T>>
{
    private readonly ValueCopier<T> elements = TypeCopiers.ForMember<T>();

    public override bool IsShallow => elements.IsShallow;

    public override ImmutableArray<T> Copy(ImmutableArray<T> value, CopyScope scope)
    {
        if (IsShallow || value.IsDefaultOrEmpty)
        {
            return value;
        }

        var copy = ImmutableArray.CreateBuilder<T>(value.Length);
        foreach (var item in value)
        {
            copy.Add(elements.Copy(item, scope));
        }

        return copy.MoveToImmutable();
    }
}
