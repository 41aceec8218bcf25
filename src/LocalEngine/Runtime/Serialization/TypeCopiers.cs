using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>
/// Decides which types may cross a grain boundary, and how their values are copied. Copiers are made once per type; a copy
/// uses no reflection. The rules are those of the wire: what only another process would refuse is refused here too.
/// </summary>
internal static class TypeCopiers
{
    private static readonly ConcurrentDictionary<Type, ValueCopier?> Exact = new();
    private static readonly ConcurrentDictionary<Type, ValueCopier> Declared = new();

    /// <summary>Immutable types of this thread whose members are being checked, so that one that contains itself ends.</summary>
    [ThreadStatic]
    private static HashSet<Type>? beingChecked;

    private static readonly HashSet<Type> ImmutableTypes =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(Half), typeof(Int128), typeof(UInt128), typeof(BigInteger), typeof(BitVector32),
        typeof(CancellationToken), typeof(CultureInfo), typeof(CompareInfo), typeof(IPAddress), typeof(IPEndPoint), typeof(object),
    ];

    private static readonly HashSet<Type> StructuralTypes =
    [
        typeof(KeyValuePair<,>), typeof(Nullable<>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>), typeof(Tuple<,,,,,,,>),
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>), typeof(ValueTuple<,,,,,,,>),
    ];

    private static readonly HashSet<Type> ListInterfaces = [typeof(IEnumerable<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>), typeof(ICollection<>), typeof(IList<>)];
    private static readonly HashSet<Type> SetInterfaces = [typeof(ISet<>), typeof(IReadOnlySet<>)];
    private static readonly HashSet<Type> DictionaryInterfaces = [typeof(IDictionary<,>), typeof(IReadOnlyDictionary<,>)];

    /// <summary>Copies a value that is declared as <typeparamref name="T"/>.</summary>
    /// <exception cref="CodecNotFoundException">The value, or something in it, is of a type that is not serializable.</exception>
    public static T Copy<T>(T value)
    {
        var copier = Slot<T>.Copier ?? ForMember<T>();
        if (copier.IsShallow || value is null)
        {
            return value;
        }

        var scope = CopyScope.Enter();
        try
        {
            return copier.Copy(value, scope);
        }
        finally
        {
            scope.Leave();
        }
    }

    /// <summary>The copier of values whose type is exactly this, or null when it is not serializable.</summary>
    public static ValueCopier? TryGet(Type type)
    {
        if (Exact.TryGetValue(type, out var known))
        {
            return known;
        }

        var created = Create(type);
        return IsChecking ? created : Exact.GetOrAdd(type, created);
    }

    /// <summary>The copier of values whose type is exactly this.</summary>
    /// <exception cref="CodecNotFoundException">The type is not serializable.</exception>
    public static ValueCopier Get(Type type) => TryGet(type) ?? throw new CodecNotFoundException($"Could not find a copier for type {type}.");

    /// <summary>The copier of what is declared as this type, whatever it holds.</summary>
    /// <exception cref="CodecNotFoundException">The type is not serializable.</exception>
    public static ValueCopier<T> ForMember<T>()
    {
        if (Slot<T>.Copier is { } known)
        {
            return known;
        }

        var created = (ValueCopier<T>)ForMember(typeof(T));
        if (!IsChecking)
        {
            Slot<T>.Copier = created;
        }

        return created;
    }

    /// <summary>The copier of what is declared as this type, whatever it holds.</summary>
    /// <exception cref="CodecNotFoundException">The type is not serializable.</exception>
    public static ValueCopier ForMember(Type type)
    {
        if (Declared.TryGetValue(type, out var known))
        {
            return known;
        }

        var created = CreateForMember(type);
        return IsChecking ? created : Declared.GetOrAdd(type, created);
    }

    // What was made during a check counts only once the check has passed.
    private static bool IsChecking => beingChecked is { Count: > 0 };

    private static ValueCopier CreateForMember(Type type)
    {
        if (type == typeof(object))
        {
            return new PolymorphicCopier<object>();
        }

        if (type.IsInterface && type.IsConstructedGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            var arguments = type.GetGenericArguments();
            var copier = ListInterfaces.Contains(definition) ? typeof(ListInterfaceCopier<,>)
                : SetInterfaces.Contains(definition) ? typeof(SetInterfaceCopier<,>)
                : DictionaryInterfaces.Contains(definition) ? typeof(DictionaryInterfaceCopier<,,>)
                : null;
            if (copier is not null)
            {
                return New(copier, [type, .. arguments]);
            }
        }

        // Their subclasses are as immutable as they are.
        if (type == typeof(Type) || type == typeof(Exception))
        {
            return type == typeof(Type) ? New(typeof(ShallowCopier<>), type) : New(typeof(PolymorphicCopier<>), type);
        }

        if (type.IsInterface || (type.IsAbstract && TryGet(type) is null))
        {
            return New(typeof(PolymorphicCopier<>), type);
        }

        var exact = Get(type);
        return type.IsSealed || type.IsValueType || ImmutableTypes.Contains(type) || type.IsSZArray || typeof(GrainReference).IsAssignableFrom(type)
            ? exact
            : New(typeof(UnsealedCopier<>), [type], exact);
    }

    private static ValueCopier? Create(Type type)
    {
        if (type.IsPointer || type.IsByRef || type.IsByRefLike || type.ContainsGenericParameters)
        {
            return null;
        }

        if (type.IsPrimitive || type.IsEnum || ImmutableTypes.Contains(type) || typeof(Type).IsAssignableFrom(type) || typeof(GrainReference).IsAssignableFrom(type))
        {
            return New(typeof(ShallowCopier<>), type);
        }

        if (typeof(Exception).IsAssignableFrom(type))
        {
            return SerializableExceptions.IsSerializable(type, SerializableExceptions.DefaultOptions) ? New(typeof(ShallowCopier<>), type) : null;
        }

        if (CollectionCopiers.TryCreate(type) is { } collection)
        {
            return collection;
        }

        if (type.IsArray)
        {
            // Of several dimensions: a shallow copy is a copy only of what nobody can change.
            return ForMember(type.GetElementType()!).IsShallow ? New(typeof(MatrixCopier<>), type) : null;
        }

        if (type.IsConstructedGenericType)
        {
            var definition = type.GetGenericTypeDefinition();
            if (definition == typeof(Immutable<>))
            {
                return New(typeof(ShallowCopier<>), type);
            }

            if (StructuralTypes.Contains(definition))
            {
                return Array.TrueForAll(type.GetGenericArguments(), static argument => ForMember(argument).IsShallow)
                    ? New(typeof(ShallowCopier<>), type)
                    : definition == typeof(Nullable<>) ? New(typeof(NullableCopier<>), type.GetGenericArguments())
                    : New(typeof(MemberwiseCopier<>), [type], SerializedMember.FieldsOf(type));
            }
        }

        if (IsFrozen(type))
        {
            return New(typeof(ShallowCopier<>), type);
        }

        return type.IsDefined(typeof(GenerateSerializerAttribute), false) ? CreateAttributed(type) : null;
    }

    private static ValueCopier CreateAttributed(Type type)
    {
        if (type.IsDefined(typeof(ImmutableAttribute), false) || type.Assembly == typeof(GrainId).Assembly || type.Assembly == typeof(TypeCopiers).Assembly)
        {
            CheckMembers(type);
            return New(typeof(ShallowCopier<>), type);
        }

        return New(typeof(MemberwiseCopier<>), [type], SerializedMember.Of(type));
    }

    // An immutable value is passed as it is, but only if it could have been sent.
    private static void CheckMembers(Type type)
    {
        beingChecked ??= [];
        if (beingChecked.Add(type))
        {
            try
            {
                foreach (var member in SerializedMember.Of(type))
                {
                    _ = ForMember(member.Type);
                }
            }
            finally
            {
                beingChecked.Remove(type);
            }
        }
    }

    // The frozen collections are internal subclasses of the public type.
    private static bool IsFrozen(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (level.IsConstructedGenericType && (level.GetGenericTypeDefinition() == typeof(FrozenDictionary<,>) || level.GetGenericTypeDefinition() == typeof(FrozenSet<>)))
            {
                return Array.TrueForAll(level.GetGenericArguments(), static argument => ForMember(argument).IsShallow);
            }
        }

        return false;
    }

    private static ValueCopier New(Type definition, params Type[] arguments) => New(definition, arguments, []);

    private static ValueCopier New(Type definition, Type[] arguments, params object[] parameters) =>
        (ValueCopier)Activator.CreateInstance(definition.MakeGenericType(arguments), BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, parameters, null)!;

    private static class Slot<T>
    {
        public static ValueCopier<T>? Copier;
    }
}

internal sealed class MatrixCopier<TArray> : ReferenceCopier<TArray> where TArray : class, ICloneable
{
    protected override TArray CopyNew(TArray value, CopyScope scope)
    {
        var copy = (TArray)value.Clone();
        scope.Record(value, copy);
        return copy;
    }
}

internal sealed class NullableCopier<T> : ValueCopier<T?> where T : struct
{
    private readonly ValueCopier<T> inner = TypeCopiers.ForMember<T>();

    public override T? Copy(T? value, CopyScope scope) => value is { } present ? inner.Copy(present, scope) : null;
}
