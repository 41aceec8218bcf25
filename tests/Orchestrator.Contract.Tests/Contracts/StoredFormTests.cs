using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Storage;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>What ledgers and grain states keep comes back as it was: also a value that is the language's default and not the member's.</summary>
public sealed class StoredFormTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static IEnumerable<Type> Roots =>
        OurAssemblies.SerializableTypes.Where(static type => !type.IsAbstract && !type.ContainsGenericParameters
            && (type == typeof(ClusterState) || type == typeof(AccountState) || type == typeof(NodeState) || type == typeof(SimulationState) || type == typeof(TaskSegmentState)
                || type.IsAssignableTo(typeof(ClusterFact)) || type.IsAssignableTo(typeof(AccountFact)) || type.IsAssignableTo(typeof(TaskSegmentFact))));

    public static TheoryData<string> Stored => [.. Closure().Select(static type => type.FullName!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Stored))]
    public void Every_member_is_stored_and_read(string name)
    {
        var type = Closure().Single(type => type.FullName == name);
        var form = GrainStateSerializer.JsonOptions.GetTypeInfo(type);
        if (form.Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        foreach (var member in MembersOf(type))
        {
            var property = form.Properties.SingleOrDefault(property => property.AttributeProvider is PropertyInfo declared && declared.Name == member.Name);
            (property is { Get: not null } && (property.Set is not null || property.AssociatedParameter is not null)).ShouldBeTrue($"{type}.{member.Name} is not stored, or not read.");
        }
    }

    [Theory, MemberData(nameof(Stored))]
    public void What_is_nothing_comes_back_as_nothing(string name) => ComesBack(name, isFull: false);

    [Theory, MemberData(nameof(Stored))]
    public void What_is_something_comes_back_as_that(string name) => ComesBack(name, isFull: true);

    /// <summary>What a release before wrote lacks the newest members: they are then as a new one has them.</summary>
    [Theory, MemberData(nameof(Stored))]
    public void What_lacks_members_is_read_as_a_new_one(string name)
    {
        var type = Closure().Single(type => type.FullName == name);
        if (type.IsAbstract || type.IsValueType || GrainStateSerializer.JsonOptions.GetTypeInfo(type).Kind != JsonTypeInfoKind.Object || type.GetConstructor(Type.EmptyTypes) is null)
        {
            return;
        }

        Written(JsonSerializer.Deserialize("{}", type, GrainStateSerializer.JsonOptions)!, type).ToJsonString().ShouldBe(Written(Activator.CreateInstance(type)!, type).ToJsonString());
    }

    private static void ComesBack(string name, bool isFull)
    {
        var type = Closure().Single(type => type.FullName == name);
        if (type.IsAbstract || GrainStateSerializer.JsonOptions.GetTypeInfo(type).Kind != JsonTypeInfoKind.Object)
        {
            return;
        }

        var value = Make(type, isFull, 0)!;
        var stored = Written(value, type);

        var back = JsonSerializer.Deserialize(stored, type, GrainStateSerializer.JsonOptions)!;

        Written(back, type).ToJsonString().ShouldBe(stored.ToJsonString());
    }

    private static JsonNode Written(object value, Type type) => JsonSerializer.SerializeToNode(value, type, GrainStateSerializer.JsonOptions)!;

    private static HashSet<Type> Closure()
    {
        var found = new HashSet<Type>();
        var open = new Queue<Type>(Roots);
        while (open.TryDequeue(out var type))
        {
            if (type.IsGenericType || type.IsArray)
            {
                foreach (var argument in type.GetGenericArguments())
                {
                    open.Enqueue(argument);
                }

                continue;
            }

            if (type.IsEnum || !type.IsDefined(typeof(GenerateSerializerAttribute), false) || !found.Add(type))
            {
                continue;
            }

            foreach (var member in MembersOf(type))
            {
                open.Enqueue(member.PropertyType);
            }
        }

        return found;
    }

    private static IEnumerable<PropertyInfo> MembersOf(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(static property => property.IsDefined(typeof(IdAttribute), true));

    /// <summary>A value whose members are all the defaults of the language, or all others than any default.</summary>
    private static object? Make(Type type, bool isFull, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return isFull ? Make(underlying, true, depth) : null;
        }

        if (type.IsGenericType && type.Namespace == "System.Collections.Immutable")
        {
            return MakeMany(type, isFull && depth < 6, depth);
        }

        if (type.IsEnum)
        {
            return isFull ? Enum.GetValues(type).Cast<object>().Last() : Enum.ToObject(type, 0);
        }

        if (type.GetInterfaces().Any(static face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IId<>)))
        {
            return isFull ? IdOf(type) : Activator.CreateInstance(type);
        }

        return type switch
        {
            _ when type == typeof(string) => isFull ? "x" : "",
            _ when type == typeof(bool) => isFull,
            _ when type == typeof(DateTimeOffset) => isFull ? new DateTimeOffset(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero) : default,
            _ when type == typeof(TimeSpan) => isFull ? TimeSpan.FromTicks(1_234_567) : default,
            _ when type.IsPrimitive => isFull ? Convert.ChangeType(7, type, System.Globalization.CultureInfo.InvariantCulture) : Activator.CreateInstance(type),
            _ when type == typeof(AttemptId) => isFull ? new AttemptId(new SimulationId("s-0123456789abcdef"), "run", 3) : default(AttemptId),
            _ => MakeObject(type, isFull, depth),
        };
    }

    private static object? MakeObject(Type type, bool isFull, int depth)
    {
        if (type.IsAbstract)
        {
            type = OurAssemblies.SerializableTypes.First(other => !other.IsAbstract && other.IsAssignableTo(type));
        }

        var value = Activator.CreateInstance(type, nonPublic: true)!;
        foreach (var member in MembersOf(type).Where(static member => member.CanWrite))
        {
            var mayBeNull = !member.PropertyType.IsValueType && Nullability.Create(member).WriteState == NullabilityState.Nullable;
            if (mayBeNull && (!isFull || depth > 6))
            {
                member.SetValue(value, null);
            }
            else if (depth <= 8)
            {
                member.SetValue(value, Make(member.PropertyType, isFull, depth + 1));
            }
        }

        return value;
    }

    private static object MakeMany(Type type, bool isFull, int depth)
    {
        var arguments = type.GetGenericArguments();
        var factory = typeof(StoredFormTests).GetMethod(arguments.Length == 2 ? nameof(Pairs) : nameof(Items), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(arguments);
        var some = isFull ? arguments.Select(argument => Make(argument, true, depth + 1)).ToArray() : [];
        return factory.Invoke(null, [type, some])!;
    }

    private static object Items<T>(Type type, object?[] some)
    {
        var items = some.Cast<T>();
        return type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) ? items.ToImmutableArray()
            : type.GetGenericTypeDefinition() == typeof(ImmutableHashSet<>) ? items.ToImmutableHashSet()
            : type.GetGenericTypeDefinition() == typeof(ImmutableSortedSet<>) ? items.ToImmutableSortedSet()
            : items.ToImmutableList();
    }

    private static object Pairs<TKey, TValue>(Type type, object?[] some) where TKey : notnull
    {
        var pairs = some.Length == 0 ? [] : new[] { KeyValuePair.Create((TKey)some[0]!, (TValue)some[1]!) };
        return type.GetGenericTypeDefinition() == typeof(ImmutableSortedDictionary<,>) ? pairs.ToImmutableSortedDictionary() : pairs.ToImmutableDictionary();
    }

    private static object IdOf(Type type) =>
        Activator.CreateInstance(type, $"{type.GetProperty(nameof(NodeId.Prefix), BindingFlags.Static | BindingFlags.Public)!.GetValue(null)}-1")!;
}
