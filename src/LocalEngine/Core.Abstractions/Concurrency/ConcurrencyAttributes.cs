using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime;

namespace Orleans.Concurrency;

/// <summary>The method changes nothing, so calls of it run beside each other.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;

/// <summary>Calls of the method run beside whatever else the grain does.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;

/// <summary>The caller waits for nothing and hears of no error.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;

/// <summary>All calls of the grain run beside each other, between their awaits.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute, IGrainPropertiesProviderAttribute
{
    /// <inheritdoc />
    public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
        properties[WellKnownGrainTypeProperties.Reentrant] = "true";
}

/// <summary>Names a method of the grain class that says, per call, whether it may run beside others.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class MayInterleaveAttribute(string callbackMethodName) : Attribute, IGrainPropertiesProviderAttribute
{
    internal string CallbackMethodName { get; } = callbackMethodName;

    /// <inheritdoc />
    public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
        properties[WellKnownGrainTypeProperties.MayInterleavePredicate] = CallbackMethodName;
}

/// <summary>Has no effect: the order of messages is never guaranteed.</summary>
[AttributeUsage(AttributeTargets.Interface)]
[Obsolete("Message ordering is not guaranteed regardless of whether this attribute is used. This attribute has no effect.")]
public sealed class UnorderedAttribute : Attribute;

/// <summary>The grain has no identity that matters: each silo makes as many activations as calls need.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StatelessWorkerAttribute : PlacementAttribute
{
    /// <summary>As many activations on a silo as it has processors.</summary>
    public StatelessWorkerAttribute() : base(new StatelessWorkerPlacement(0, true)) { }

    /// <summary>At most so many activations on a silo.</summary>
    public StatelessWorkerAttribute(int maxLocalWorkers) : base(new StatelessWorkerPlacement(maxLocalWorkers, true)) { }

    /// <summary>At most so many activations on a silo, and whether idle ones go.</summary>
    public StatelessWorkerAttribute(int maxLocalWorkers, bool removeIdleWorkers) : base(new StatelessWorkerPlacement(maxLocalWorkers, removeIdleWorkers)) { }

    /// <inheritdoc />
    public override void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        base.Populate(services, grainClass, grainType, properties);
        properties[WellKnownGrainTypeProperties.Unordered] = "true";
    }
}
