using System.Reflection;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>What Orleans' source generator and analyzers would refuse of grain interfaces and grains.</summary>
public sealed class GrainInterfaceTests
{
    private static MethodInfo[] MethodsOf(Type type) => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);

    [Fact]
    public void Interfaces_and_their_methods_have_aliases() => Violations.None(
        (from type in OurAssemblies.GrainInterfaces
         where type.GetCustomAttributes<AliasAttribute>(false).Count() != 1
         select $"{type.FullName} needs one [Alias].")
        .Concat(
            from type in OurAssemblies.GrainInterfaces
            from method in MethodsOf(type)
            where method.GetCustomAttributes<AliasAttribute>(false).Count() != 1
            select $"{type.FullName}.{method.Name} needs one [Alias].")
        .Concat(
            from type in OurAssemblies.GrainInterfaces
            from method in MethodsOf(type)
            from alias in method.GetCustomAttributes<AliasAttribute>(false)
            group method by (type, alias.Alias) into methods
            where methods.Count() > 1
            select $"{methods.Key.type.FullName} has the method alias {methods.Key.Alias} {methods.Count()} times."));

    [Fact]
    public void Interfaces_have_only_plain_methods() => Violations.None(
        (from type in OurAssemblies.GrainInterfaces
         from problem in new[]
         {
             type.GetProperties().Length > 0 ? "has properties" : null,
             type.GetEvents().Length > 0 ? "has events" : null,
             type.IsGenericType ? "is generic" : null,
         }
         where problem is not null
         select $"{type.FullName} {problem}.")
        .Concat(
            from type in OurAssemblies.GrainInterfaces
            from method in MethodsOf(type)
            where !method.IsSpecialName
            from problem in new[]
            {
                method.IsStatic ? "is static" : null,
                method.IsGenericMethod ? "is generic" : null,
                !method.IsStatic && !method.IsAbstract ? "has a default implementation" : null,
                method.GetParameters().Any(static parameter => parameter.ParameterType.IsByRef) ? "has ref, in or out parameters" : null,
                method.GetParameters().Count(static parameter => parameter.ParameterType == typeof(CancellationToken)) > 1 ? "takes more than one CancellationToken" : null,
                IsTask(method.ReturnType) ? null : $"returns {method.ReturnType}, not Task or ValueTask (and no stream of a stateful grain)",
                method.Name.EndsWith("Async", StringComparison.Ordinal) ? null : "does not end in Async",
            }
            where problem is not null
            select $"{type.FullName}.{method.Name} {problem}."));

    [Fact]
    public void Arguments_and_results_can_be_sent() => Violations.None(
        from type in OurAssemblies.GrainInterfaces
        from method in MethodsOf(type)
        from sent in method.GetParameters().Select(static parameter => parameter.ParameterType).Append(ResultOf(method.ReturnType))
        let unknown = SerializedTypes.FirstUnknown(sent)
        where unknown is not null
        select $"{type.FullName}.{method.Name} sends {unknown}, which has no [GenerateSerializer].");

    [Fact]
    public void One_way_methods_have_no_result() => Violations.None(
        from type in OurAssemblies.GrainInterfaces
        from method in MethodsOf(type)
        where method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute)) && method.ReturnType != typeof(Task) && method.ReturnType != typeof(ValueTask)
        select $"{type.FullName}.{method.Name} is one way and returns {method.ReturnType}.");

    [Fact]
    public void Grains_have_pinned_types() => Violations.None(
        (from type in OurAssemblies.GrainClasses
         where type.GetCustomAttribute<Orleans.GrainTypeAttribute>(false) is null
         select $"{type.FullName} needs [GrainType(\"…\")].")
        .Concat(
            from type in OurAssemblies.GrainClasses
            let name = GrainTypes.NameOf(type)
            where name is not null
            group type by name into types
            where types.Count() > 1
            select $"The grain type {types.Key} belongs to {string.Join(" and ", types.Select(static type => type.FullName))}."));

    [Fact]
    public void States_are_named_as_their_grain_and_are_in_the_main_storage() => Violations.None(
        from type in OurAssemblies.GrainClasses
        from constructor in type.GetConstructors()
        from parameter in constructor.GetParameters()
        let state = parameter.GetCustomAttribute<Orleans.Runtime.PersistentStateAttribute>()
        where state is not null
        from problem in new[]
        {
            state.StateName == GrainTypes.NameOf(type) ? null : $"keeps the state \"{state.StateName}\", not \"{GrainTypes.NameOf(type)}\"",
            state.StorageName == "main" ? null : $"keeps its state in \"{state.StorageName}\", not in \"main\"",
        }
        where problem is not null
        select $"{type.FullName} {problem}.");

    private static bool IsTask(Type type) =>
        type == typeof(Task) || type == typeof(ValueTask)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>)));

    private static Type ResultOf(Type type) => type.IsGenericType && IsTask(type) ? type.GetGenericArguments()[0] : typeof(void);
}
