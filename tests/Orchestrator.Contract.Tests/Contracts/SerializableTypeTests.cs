using System.Reflection;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>What Orleans' source generator and analyzers would refuse of serializable types; they do not run with the local engine.</summary>
public sealed class SerializableTypeTests
{
    [Fact]
    public void Every_member_that_holds_something_has_an_id() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        where !type.IsEnum && !type.IsAssignableTo(typeof(Exception))
        from member in SerializedTypes.MembersOf(type)
        where member.Id is null && !member.IsLeftOut
        select $"{type.FullName}.{member.Name} has no [Id]: it would be lost on the way (mark the field [NonSerialized] if that is meant).");

    [Fact]
    public void Ids_are_unique_within_a_type() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        from ids in SerializedTypes.MembersOf(type).Where(static member => member.Id is not null).GroupBy(static member => member.Id)
        where ids.Count() > 1
        select $"{type.FullName} gives id {ids.Key} to {string.Join(" and ", ids.Select(static member => member.Name))}.");

    [Fact]
    public void Every_member_is_of_a_type_that_can_be_sent() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        where !type.IsEnum
        from member in SerializedTypes.MembersOf(type)
        where member.Id is not null
        let unknown = SerializedTypes.FirstUnknown(member.Type)
        where unknown is not null
        select $"{type.FullName}.{member.Name} holds {unknown}, which has no [GenerateSerializer].");

    [Fact]
    public void Every_type_has_one_alias_that_begins_with_the_product() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        let aliases = type.GetCustomAttributes<AliasAttribute>(false).Select(static alias => alias.Alias).ToList()
        where aliases.Count != 1 || !aliases[0].StartsWith("orchestrator.", StringComparison.Ordinal)
        select $"{type.FullName} has the aliases [{string.Join(", ", aliases)}]; it needs one, \"orchestrator.kebab-name\".");

    [Fact]
    public void Aliases_are_unique() => Violations.None(
        from type in OurAssemblies.SerializableTypes.Concat(OurAssemblies.GrainInterfaces)
        from alias in type.GetCustomAttributes<AliasAttribute>(false)
        group type by alias.Alias into types
        where types.Count() > 1
        select $"The alias {types.Key} belongs to {string.Join(" and ", types.Select(static type => type.FullName))}.");

    [Fact]
    public void Types_can_be_reached_and_made() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        from problem in new[]
        {
            type.IsNestedPrivate || type.IsNestedFamily || type.IsNestedFamANDAssem ? "is private or protected" : null,
            type is { IsClass: true, IsAbstract: false } && !type.IsAssignableTo(typeof(Exception)) && type.GetConstructor([]) is null ? "has no public parameterless constructor" : null,
            type is { IsClass: true, IsAbstract: false, IsSealed: false } ? "is neither abstract nor sealed" : null,
        }
        where problem is not null
        select $"{type.FullName} {problem}.");

    [Fact]
    public void Bases_of_serializable_types_are_serializable() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        where type.IsClass
        let parent = type.BaseType
        where parent != typeof(object) && parent != typeof(Exception) && !parent!.IsDefined(typeof(GenerateSerializerAttribute), false)
        select $"{type.FullName} derives from {parent!.FullName}, which has no [GenerateSerializer].");

    [Fact]
    public void Exceptions_of_the_product_can_be_sent() => Violations.None(
        from type in OurAssemblies.Types
        where type.IsAssignableTo(typeof(Exception)) && DerivesFrom(type, "OrchestratorException")
        from problem in new[]
        {
            type.IsDefined(typeof(GenerateSerializerAttribute), false) ? null : "has no [GenerateSerializer], so that a caller gets a CodecNotFoundException in its place",
            type is { IsAbstract: false, IsSealed: false } ? "is neither abstract nor sealed" : null,
        }
        where problem is not null
        select $"{type.FullName} {problem}.");

    [Fact]
    public void Enums_that_are_sent_have_a_zero() => Violations.None(
        from type in OurAssemblies.SerializableTypes
        from member in SerializedTypes.MembersOf(type)
        let held = Nullable.GetUnderlyingType(member.Type) ?? member.Type
        where held.IsEnum && OurAssemblies.All.Contains(held.Assembly) && !Enum.IsDefined(held, Enum.ToObject(held, 0))
        select $"{held.FullName} has no value 0, which is what {type.FullName}.{member.Name} holds before anything is known.");

    private static bool DerivesFrom(Type type, string baseName)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (level.Name == baseName)
            {
                return true;
            }
        }

        return false;
    }
}
