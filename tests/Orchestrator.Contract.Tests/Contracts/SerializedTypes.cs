using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>What is serialized of a type, and which types need no attribute of ours.</summary>
internal static class SerializedTypes
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<Type> Known =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid), typeof(Uri),
        typeof(Version), typeof(object), typeof(void), typeof(CancellationToken), typeof(Exception), typeof(Type),
        typeof(Orleans.Runtime.GrainId), typeof(Orleans.Runtime.StreamId), typeof(Orleans.Runtime.SiloAddress),
    ];

    private static readonly HashSet<Type> KnownGenerics =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>), typeof(SortedDictionary<,>), typeof(SortedSet<>), typeof(KeyValuePair<,>), typeof(Nullable<>),
        typeof(IEnumerable<>), typeof(IReadOnlyCollection<>), typeof(IReadOnlyList<>), typeof(IReadOnlyDictionary<,>), typeof(IReadOnlySet<>), typeof(ICollection<>), typeof(IList<>), typeof(IDictionary<,>), typeof(ISet<>),
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>), typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>),
        typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Orleans.Concurrency.Immutable<>),
    ];

    /// <summary>A member that holds something: a field, or a property with a field of the compiler's.</summary>
    public sealed record Member(string Name, Type Type, uint? Id, bool IsLeftOut);

    /// <summary>The members that the type itself declares.</summary>
    public static IReadOnlyList<Member> MembersOf(Type type)
    {
        var members = new List<Member>();
        var properties = type.GetProperties(Declared).ToDictionary(static property => property.Name, StringComparer.Ordinal);
        foreach (var field in type.GetFields(Declared))
        {
            var isBacking = field.IsDefined(typeof(CompilerGeneratedAttribute), false) && field.Name.StartsWith('<');
            var name = isBacking ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
            MemberInfo declared = isBacking && properties.TryGetValue(name, out var property) ? property : field;
            var isLeftOut = field.IsDefined(typeof(NonSerializedAttribute), false) || (isBacking && declared is FieldInfo);
            members.Add(new(name, field.FieldType, declared.GetCustomAttribute<IdAttribute>(false)?.Id, isLeftOut));
        }

        return members;
    }

    /// <summary>The first type in a declaration that cannot be sent, or null.</summary>
    public static Type? FirstUnknown(Type type)
    {
        if (type.IsArray)
        {
            return FirstUnknown(type.GetElementType()!);
        }

        if (type.IsPrimitive || type.IsEnum || type.IsGenericParameter || Known.Contains(type) || type.IsAssignableTo(typeof(Orleans.Runtime.IAddressable)))
        {
            return null;
        }

        if (type.IsConstructedGenericType)
        {
            var isKnown = KnownGenerics.Contains(type.GetGenericTypeDefinition()) || type.GetGenericTypeDefinition().IsDefined(typeof(GenerateSerializerAttribute), false);
            return isKnown ? type.GetGenericArguments().Select(FirstUnknown).FirstOrDefault(static unknown => unknown is not null) : type;
        }

        return type.IsDefined(typeof(GenerateSerializerAttribute), false) ? null : type;
    }
}
