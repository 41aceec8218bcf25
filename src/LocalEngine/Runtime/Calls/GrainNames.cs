using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Calls;

/// <summary>The names of grain classes and interfaces, as Orleans gives them.</summary>
internal static class GrainNames
{
    private static readonly ConcurrentDictionary<Type, GrainInterfaceType> Interfaces = new();
    private static readonly ConcurrentDictionary<Type, GrainType> Classes = new();

    public static GrainInterfaceType InterfaceOf(Type type) => Interfaces.GetOrAdd(type, static type =>
        type.GetCustomAttributes().OfType<IGrainInterfaceTypeProviderAttribute>().FirstOrDefault()?.GetGrainInterfaceType(null!, type)
        ?? GrainInterfaceType.Create(type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName!));

    public static GrainType ClassOf(Type type) => Classes.GetOrAdd(type, static type =>
        type.GetCustomAttributes().OfType<IGrainTypeProviderAttribute>().FirstOrDefault()?.GetGrainType(null!, type) ?? GrainType.Create(Conventional(type.Name)));

    // FooGrain is the kind "foo".
    private static string Conventional(string name)
    {
        var lower = name.ToLowerInvariant();
        return lower.EndsWith("grain", StringComparison.Ordinal) && lower.Length > 5 ? lower[..^5] : lower;
    }
}
