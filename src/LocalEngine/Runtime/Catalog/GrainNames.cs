using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The names of grain classes and interfaces, by Orleans' rules.</summary>
internal static class GrainNames
{
    private const string GrainSuffix = "grain";
    private static readonly ConcurrentDictionary<Type, GrainInterfaceType> Interfaces = new();

    public static GrainType TypeOf(Type grainClass)
    {
        if (grainClass.GetCustomAttributes(false).OfType<IGrainTypeProviderAttribute>().FirstOrDefault() is { } named)
        {
            return named.GetGrainType(null!, grainClass);
        }

        // "MyHelloGrain" is "myhello".
        var name = grainClass.Name.ToLowerInvariant();
        name = name.EndsWith(GrainSuffix, StringComparison.Ordinal) && name.Length > GrainSuffix.Length ? name[..^GrainSuffix.Length] : name;
        return GrainType.Create(name);
    }

    public static GrainInterfaceType InterfaceOf(Type interfaceType) => Interfaces.GetOrAdd(interfaceType, static type =>
        type.GetCustomAttributes(false).OfType<IGrainInterfaceTypeProviderAttribute>().FirstOrDefault() is { } named
            ? named.GetGrainInterfaceType(null!, type)
            : GrainInterfaceType.Create(type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.FullName ?? type.Name));
}
