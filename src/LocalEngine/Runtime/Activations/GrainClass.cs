using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Cluster;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Activations;

/// <summary>What is known of a grain class: how instances are made, placed, run and collected.</summary>
internal sealed class GrainClass
{
    private static readonly ConcurrentDictionary<GrainType, GrainClass> Known = new();

    private readonly ConstructorInvoker constructor;
    private readonly Func<Activation, object?>[] arguments;

    private GrainClass(Type type, GrainType grainType)
    {
        Type = type;
        GrainType = grainType;
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in type.GetCustomAttributes().OfType<IGrainPropertiesProviderAttribute>())
        {
            attribute.Populate(null!, type, grainType, properties);
        }

        Placement = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy;
        if (Placement is StatelessWorkerPlacement workers)
        {
            IsStatelessWorker = true;
            MaxWorkers = workers.MaxLocal;
        }

        IsReentrant = properties.ContainsKey(WellKnownGrainTypeProperties.Reentrant);
        if (properties.TryGetValue(WellKnownGrainTypeProperties.MayInterleavePredicate, out var predicate))
        {
            MayInterleave = PredicateOf(type, predicate);
        }

        if (properties.TryGetValue(WellKnownGrainTypeProperties.IdleDeactivationPeriod, out var period))
        {
            IdlePeriod = period == WellKnownGrainTypeProperties.IndefiniteIdleDeactivationPeriodValue ? Timeout.InfiniteTimeSpan : TimeSpan.Parse(period, CultureInfo.InvariantCulture);
        }

        var constructors = type.GetConstructors();
        var chosen = constructors.Length == 1 ? constructors[0]
            : constructors.FirstOrDefault(static item => item.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute))) ?? constructors.MaxBy(static item => item.GetParameters().Length)
            ?? throw new InvalidOperationException($"Grain class {type} has no public constructor.");
        constructor = ConstructorInvoker.Create(chosen);
        arguments = [.. chosen.GetParameters().Select(ArgumentOf)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public PlacementStrategy? Placement { get; }

    public bool IsStatelessWorker { get; }

    public int MaxWorkers { get; } = 1;

    public bool IsReentrant { get; }

    public Func<object, IInvokable, bool>? MayInterleave { get; }

    /// <summary>The class's own idle period; null for the silo's.</summary>
    public TimeSpan? IdlePeriod { get; }

    public static GrainClass Of(GrainType grainType) => Known.GetOrAdd(grainType, static grainType =>
        GrainClasses.ClassOf(grainType) is { } type ? new(type, grainType) : throw new ArgumentException($"Could not find a grain class for grain type {grainType}."));

    public object Create(Activation activation) => constructor.Invoke(arguments.Select(argument => argument(activation)).ToArray().AsSpan());

    private static Func<Activation, object?> ArgumentOf(ParameterInfo parameter)
    {
        if (parameter.GetCustomAttributes().OfType<IPersistentStateConfiguration>().FirstOrDefault() is { } state)
        {
            var create = typeof(PersistentStates).GetMethod(nameof(PersistentStates.Create))!
                .MakeGenericMethod(parameter.ParameterType.GetGenericArguments())
                .CreateDelegate<Func<Activation, IPersistentStateConfiguration, object>>();
            return activation => create(activation, state);
        }

        var key = parameter.GetCustomAttribute<FromKeyedServicesAttribute>()?.Key;
        var type = parameter.ParameterType;
        if (key is not null)
        {
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, key);
        }

        var fallback = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        return parameter.HasDefaultValue
            ? activation => activation.ActivationServices.GetService(type) ?? fallback
            : activation => activation.ActivationServices.GetRequiredService(type);
    }

    private static Func<object, IInvokable, bool> PredicateOf(Type type, string name)
    {
        var method = type.GetMethod(name, BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            ?? throw new InvalidOperationException($"Grain class {type} has no method {name}, which its [MayInterleave] names.");
        if (method.IsStatic)
        {
            var predicate = method.CreateDelegate<Func<IInvokable, bool>>();
            return (_, request) => predicate(request);
        }

        var invoker = MethodInvoker.Create(method);
        return (instance, request) => (bool)invoker.Invoke(instance, request)!;
    }
}
