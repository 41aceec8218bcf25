using System.CodeDom.Compiler;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>The product's assemblies, and the types in them that people wrote.</summary>
internal static class OurAssemblies
{
    /// <summary>By file beside the tests: what the product's entry points reference.</summary>
    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(static path => IsOurs(Path.GetFileNameWithoutExtension(path)))
            .Order(StringComparer.Ordinal)
            .Select(Assembly.LoadFrom),
    ];

    public static IReadOnlyList<Type> Types { get; } = [.. All.SelectMany(static assembly => assembly.GetTypes()).Where(static type => !IsGenerated(type))];

    /// <summary>Types that are serialized.</summary>
    public static IReadOnlyList<Type> SerializableTypes { get; } = [.. Types.Where(static type => type.IsDefined(typeof(GenerateSerializerAttribute), false))];

    /// <summary>Interfaces by which grains are called.</summary>
    public static IReadOnlyList<Type> GrainInterfaces { get; } = [.. Types.Where(static type => type.IsInterface && type.IsAssignableTo(typeof(Orleans.Runtime.IAddressable)))];

    /// <summary>Classes of grains.</summary>
    public static IReadOnlyList<Type> GrainClasses { get; } = [.. Types.Where(static type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(Orleans.Runtime.IAddressable)))];

    private static bool IsOurs(string name) =>
        name == "orchestrator" || (name.StartsWith("Orchestrator.", StringComparison.Ordinal) && !name.EndsWith(".Tests", StringComparison.Ordinal));

    private static bool IsGenerated(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute), false)
        || type.IsDefined(typeof(GeneratedCodeAttribute), false)
        || type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) == true
        || (type.DeclaringType is { } declaring && IsGenerated(declaring));
}
