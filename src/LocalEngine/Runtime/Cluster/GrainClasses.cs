using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Calls;
using Orleans.Runtime;

namespace Orleans.Cluster;

/// <summary>The grain classes and interfaces of the assemblies that this process is made of.</summary>
internal static class GrainClasses
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Assembly> Seen = [];
    private static readonly ConcurrentDictionary<GrainType, Type> Classes = new();
    private static readonly ConcurrentDictionary<GrainInterfaceType, Type> Interfaces = new();
    private static readonly ConcurrentDictionary<(Type, string?), GrainType> Types = new();

    /// <summary>The class of a kind, or null.</summary>
    public static Type? ClassOf(GrainType type)
    {
        if (Classes.TryGetValue(type, out var known))
        {
            return known;
        }

        Scan();
        return Classes.GetValueOrDefault(type);
    }

    public static IEnumerable<Type> All
    {
        get
        {
            Scan();
            return Classes.Values;
        }
    }

    public static Type InterfaceOf(GrainInterfaceType type)
    {
        Scan();
        return Interfaces.GetValueOrDefault(type) ?? throw new ArgumentException($"There is no grain interface {type}.", nameof(type));
    }

    /// <summary>The kind that references by an interface mean.</summary>
    /// <exception cref="ArgumentException">No class implements it, or several do and none is named after it.</exception>
    public static GrainType TypeOf(Type interfaceType, string? prefix) => Types.GetOrAdd((interfaceType, prefix), static key =>
    {
        Scan();
        var (interfaceType, prefix) = key;
        var candidates = Classes.Where(pair => interfaceType.IsAssignableFrom(pair.Value)
            && (prefix is null || pair.Value.FullName!.StartsWith(prefix, StringComparison.Ordinal))).ToList();
        if (candidates.Count > 1)
        {
            var named = candidates.Where(pair => interfaceType.Name == $"I{pair.Value.Name}").ToList();
            candidates = named.Count == 1 ? named : candidates;
        }

        return candidates.Count == 1
            ? candidates[0].Key
            : throw new ArgumentException(candidates.Count == 0
                ? $"Could not find an implementation for interface {interfaceType}"
                : $"Unable to identify a single appropriate grain type for interface {interfaceType}. Candidates: {string.Join(", ", candidates.Select(static pair => pair.Key))}");
    });

    private static void Scan()
    {
        lock (Gate)
        {
            var engine = typeof(IGrain).Assembly.GetName().Name;
            var pending = new Stack<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
            while (pending.TryPop(out var assembly))
            {
                if (assembly.IsDynamic || !Seen.Add(assembly))
                {
                    continue;
                }

                var references = assembly.GetReferencedAssemblies();
                foreach (var reference in references.Where(static name => !name.Name!.StartsWith("System", StringComparison.Ordinal) && !name.Name.StartsWith("Microsoft", StringComparison.Ordinal)))
                {
                    if (TryLoad(reference) is { } loaded)
                    {
                        pending.Push(loaded);
                    }
                }

                if (references.Any(name => name.Name == engine))
                {
                    Add(assembly);
                }
            }
        }
    }

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception error) when (error is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            // A reference that is compiled against but not deployed declares no grains that could run here.
            return null;
        }
    }

    private static void Add(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes())
        {
            if (!typeof(IAddressable).IsAssignableFrom(type) || typeof(GrainReference).IsAssignableFrom(type) || type.ContainsGenericParameters)
            {
                continue;
            }

            if (type.IsInterface)
            {
                Interfaces[GrainNames.InterfaceOf(type)] = type;
            }
            else if (type is { IsClass: true, IsAbstract: false } && typeof(IGrain).IsAssignableFrom(type))
            {
                Classes[GrainNames.ClassOf(type)] = type;
            }
        }
    }
}
