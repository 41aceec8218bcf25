using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>The grain classes of the application: of all assemblies beside it that see the grain interfaces' assembly.</summary>
internal sealed class GrainCatalog
{
    private static readonly Lazy<GrainCatalog> Shared = new(() => new GrainCatalog());

    private readonly Dictionary<GrainType, GrainClass> classes = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainType> byInterface = new();

    private GrainCatalog()
    {
        foreach (var type in ApplicationParts().SelectMany(TypesOf).Where(IsGrainClass))
        {
            var grainClass = new GrainClass(type);
            if (!classes.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException($"{type} and {classes[grainClass.GrainType].Type} have the same grain type {grainClass.GrainType}.");
            }
        }
    }

    public static GrainCatalog Instance => Shared.Value;

    public IEnumerable<GrainClass> Classes => classes.Values;

    public GrainClass Get(GrainType type) =>
        classes.TryGetValue(type, out var found) ? found : throw new ArgumentException($"Could not find an implementation for grain type {type}.");

    /// <summary>The kind that an interface means: its own attribute, its only class, or the class that has its name.</summary>
    public GrainType TypeFor(Type interfaceType, string? classNamePrefix) => byInterface.GetOrAdd((interfaceType, classNamePrefix), key =>
    {
        var (type, prefix) = key;
        var candidates = classes.Values.Where(c => type.IsAssignableFrom(c.Type)).ToList();
        if (!string.IsNullOrEmpty(prefix))
        {
            candidates = candidates.FindAll(c => c.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal) || c.GrainType.ToString() == prefix);
        }
        else
        {
            var properties = new Dictionary<string, string>();
            foreach (var provider in type.GetCustomAttributes(true).OfType<IGrainInterfacePropertiesProviderAttribute>())
            {
                provider.Populate(null!, type, properties);
            }

            if (properties.TryGetValue(WellKnownGrainInterfaceProperties.DefaultGrainType, out var preferred))
            {
                return GrainType.Create(preferred);
            }
        }

        if (candidates.Count > 1)
        {
            var name = type.Name is ['I', .. var rest] ? rest : type.Name;
            candidates = candidates.FindAll(c => c.Type.Name == name) is { Count: 1 } named ? named : candidates;
        }

        return candidates switch
        {
            [var only] => only.GrainType,
            [] => throw new ArgumentException($"Could not find an implementation for interface {type}"),
            _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {type}. Candidates: {string.Join(", ", candidates.Select(c => c.GrainType))}"),
        };
    });

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
        && typeof(IGrain).IsAssignableFrom(type)
        && !typeof(GrainReference).IsAssignableFrom(type);

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException partial)
        {
            // A type whose dependency is not deployed cannot be a grain that is used.
            return partial.Types.OfType<Type>();
        }
    }

    private static IEnumerable<Assembly> ApplicationParts()
    {
        var api = typeof(IGrain).Assembly.GetName().Name!;
        var parts = new Dictionary<string, Assembly>();
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic))
        {
            if (assembly.GetReferencedAssemblies().Any(reference => reference.Name == api))
            {
                parts.TryAdd(assembly.GetName().Name!, assembly);
            }
        }

        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (!parts.ContainsKey(name) && References(file, api))
            {
                parts.TryAdd(name, Assembly.Load(new AssemblyName(name)));
            }
        }

        return parts.Values.Where(part => part != typeof(GrainCatalog).Assembly);
    }

    private static bool References(string file, string name)
    {
        using var stream = File.OpenRead(file);
        using var image = new PEReader(stream);
        if (!image.HasMetadata)
        {
            return false;
        }

        var metadata = image.GetMetadataReader();
        return metadata.IsAssembly && metadata.AssemblyReferences.Any(handle => metadata.StringComparer.Equals(metadata.GetAssemblyReference(handle).Name, name));
    }
}
