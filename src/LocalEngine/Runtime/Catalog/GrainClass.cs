using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Local;

/// <summary>What is known of a grain class.</summary>
internal sealed class GrainClass
{
    private readonly Func<IGrainContext, object>[] arguments;
    private readonly ConstructorInfo constructor;

    public GrainClass(Type type)
    {
        Type = type;
        GrainType = GrainNames.TypeOf(type);
        Interfaces = [.. type.GetInterfaces().Where(i => typeof(IAddressable).IsAssignableFrom(i))];
        var attributes = type.GetCustomAttributes(true);
        Placement = attributes.OfType<PlacementAttribute>().FirstOrDefault()?.PlacementStrategy ?? RandomPlacement.Singleton;
        var properties = new Dictionary<string, string>();
        foreach (var provider in attributes.OfType<IGrainPropertiesProviderAttribute>())
        {
            provider.Populate(null!, type, GrainType, properties);
        }

        Bindings = [.. attributes.OfType<IGrainBindingsProviderAttribute>().SelectMany(binding => binding.GetBindings(null!, type, GrainType))];
        IsReentrant = properties.ContainsKey(WellKnownGrainTypeProperties.Reentrant);
        MayInterleave = properties.TryGetValue(WellKnownGrainTypeProperties.MayInterleavePredicate, out var name) ? PredicateOf(type, name) : null;
        IdleAge = !properties.TryGetValue(WellKnownGrainTypeProperties.IdleDeactivationPeriod, out var age) ? null
            : age == WellKnownGrainTypeProperties.IndefiniteIdleDeactivationPeriodValue ? Timeout.InfiniteTimeSpan
            : TimeSpan.Parse(age, System.Globalization.CultureInfo.InvariantCulture);
        constructor = ConstructorOf(type);
        arguments = [.. constructor.GetParameters().Select(ArgumentOf)];
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public Type[] Interfaces { get; }

    public PlacementStrategy Placement { get; }

    public IReadOnlyList<Dictionary<string, string?>> Bindings { get; }

    public bool IsReentrant { get; }

    /// <summary>Which calls interleave, given the instance.</summary>
    public Func<object, IInvokable, bool>? MayInterleave { get; }

    /// <summary>How long the grain stays without calls; infinite for ever, null for the default.</summary>
    public TimeSpan? IdleAge { get; }

    public object CreateInstance(IGrainContext context)
    {
        var values = new object?[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i](context);
        }

        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, values, null);
    }

    private static ConstructorInfo ConstructorOf(Type type)
    {
        var all = type.GetConstructors();
        return all.FirstOrDefault(c => c.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute), false))
            ?? all.MaxBy(c => c.GetParameters().Length)
            ?? throw new OrleansConfigurationException($"{type} has no public constructor.");
    }

    private static Func<IGrainContext, object> ArgumentOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            {
                throw new OrleansConfigurationException($"The parameter {parameter.Name} of {parameter.Member.DeclaringType} has a persistent state, but is no IPersistentState.");
            }

            var create = typeof(IPersistentStateFactory).GetMethod(nameof(IPersistentStateFactory.Create))!.MakeGenericMethod(type.GetGenericArguments());
            var config = new NamedState(string.IsNullOrEmpty(state.StateName) ? parameter.Name! : state.StateName, state.StorageName);
            return context => create.Invoke(context.ActivationServices.GetRequiredService<IPersistentStateFactory>(), BindingFlags.DoNotWrapExceptions, null, [context, config], null)!;
        }

        if (type == typeof(IGrainContext))
        {
            return context => context;
        }

        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
        {
            return parameter.HasDefaultValue
                ? context => context.ActivationServices.GetKeyedServices(type, keyed.Key).LastOrDefault() ?? parameter.DefaultValue!
                : context => context.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        }

        return parameter.HasDefaultValue
            ? context => context.ActivationServices.GetService(type) ?? parameter.DefaultValue!
            : context => context.ActivationServices.GetRequiredService(type);
    }

    private static Func<object, IInvokable, bool> PredicateOf(Type type, string name)
    {
        var method = type.GetMethod(name, BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy)
            ?? throw new InvalidOperationException($"Class {type} doesn't declare public static method with name {name} specified in MayInterleave attribute");
        if (method.ReturnType != typeof(bool) || method.GetParameters() is not [{ ParameterType: var parameter }] || parameter != typeof(IInvokable))
        {
            throw new InvalidOperationException($"Wrong signature of callback method {name} specified in MayInterleave attribute for grain class {type}. Expected: [public] static bool {name}(IInvokable req)");
        }

        if (method.IsStatic)
        {
            var predicate = method.CreateDelegate<Func<IInvokable, bool>>();
            return (_, call) => predicate(call);
        }

        return (instance, call) => (bool)method.Invoke(instance, BindingFlags.DoNotWrapExceptions, null, [call], null)!;
    }

    private sealed record NamedState(string StateName, string? StorageName) : IPersistentStateConfiguration
    {
        string IPersistentStateConfiguration.StorageName => StorageName!;
    }
}
