namespace Orchestrator.Storage;

/// <summary>Which schema versions of stored states this release knows.</summary>
public sealed class GrainStateSerializerOptions
{
    private readonly Dictionary<Type, int> versions = [];

    /// <summary>
    /// States that <typeparamref name="T"/> is written with <paramref name="version"/> and read up to it. Without it the version is 1; it grows when an older release could
    /// not read what this one writes.
    /// </summary>
    public GrainStateSerializerOptions Version<T>(int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        versions[typeof(T)] = version;
        return this;
    }

    internal int VersionOf(Type type) => versions.GetValueOrDefault(type, 1);
}
