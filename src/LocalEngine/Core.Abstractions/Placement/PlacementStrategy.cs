using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>How the silo of an activation is chosen.</summary>
public abstract class PlacementStrategy
{
    /// <summary>Whether activations are registered in the grain directory, one per grain.</summary>
    public virtual bool IsUsingGrainDirectory => true;

    /// <summary>Reads settings from the properties of a kind.</summary>
    public virtual void Initialize(GrainProperties properties) { }

    /// <summary>Adds the strategy to the properties of a kind.</summary>
    public virtual void PopulateGrainProperties(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) =>
        properties[WellKnownGrainTypeProperties.PlacementStrategy] = GetType().Name;
}

/// <summary>Any silo.</summary>
public sealed class RandomPlacement : PlacementStrategy
{
    internal static RandomPlacement Singleton { get; } = new();
}

/// <summary>The silo of the caller, if it can.</summary>
public sealed class PreferLocalPlacement : PlacementStrategy
{
    internal static PreferLocalPlacement Singleton { get; } = new();
}

/// <summary>The silo that the hash of the key points to.</summary>
public sealed class HashBasedPlacement : PlacementStrategy
{
    internal static HashBasedPlacement Singleton { get; } = new();
}

/// <summary>A silo with few activations.</summary>
public sealed class ActivationCountBasedPlacement : PlacementStrategy
{
    internal static ActivationCountBasedPlacement Singleton { get; } = new();
}

/// <summary>A silo with free resources.</summary>
public sealed class ResourceOptimizedPlacement : PlacementStrategy
{
    internal static ResourceOptimizedPlacement Singleton { get; } = new();
}

/// <summary>Several activations on each silo, none of them registered.</summary>
internal sealed class StatelessWorkerPlacement(int maxLocal, bool removeIdleWorkers) : PlacementStrategy
{
    public int MaxLocal { get; } = maxLocal > 0 ? maxLocal : Environment.ProcessorCount;

    public bool RemoveIdleWorkers { get; } = removeIdleWorkers;

    public override bool IsUsingGrainDirectory => false;
}
