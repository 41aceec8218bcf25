using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Hashes the key or the type of a grain for the index of its row.</summary>
public interface IHasher
{
    /// <summary>What it computes.</summary>
    string Description { get; }

    /// <summary>The hash of bytes: equal on every machine and in every release, because rows carry it.</summary>
    int Hash(byte[] data);
}

/// <summary>Chooses the hash of a row.</summary>
public interface IStorageHasherPicker
{
    /// <summary>The hashes to choose from.</summary>
    ICollection<IHasher> HashProviders { get; }

    /// <summary>The hash for a grain's row.</summary>
    IHasher? PickHasher<T>(string serviceId, string storageProviderInstanceName, string grainType, GrainId grainId, IGrainState<T> grainState, string? tag = null);
}

/// <summary>Takes the first hash for every row.</summary>
public class StorageHasherPicker : IStorageHasherPicker
{
    /// <summary>Chooses among these.</summary>
    public StorageHasherPicker(IEnumerable<IHasher> hashProviders) => HashProviders = [.. hashProviders];

    /// <inheritdoc/>
    public ICollection<IHasher> HashProviders { get; }

    /// <inheritdoc/>
    public IHasher? PickHasher<T>(string serviceId, string storageProviderInstanceName, string grainType, GrainId grainId, IGrainState<T> grainState, string? tag = null) =>
        HashProviders.FirstOrDefault();
}

/// <summary>The hash of Orleans: <see cref="StableHash"/>.</summary>
public sealed class OrleansDefaultHasher : IHasher
{
    /// <inheritdoc/>
    public string Description => $"The default Orleans hash function ({nameof(StableHash)}).";

    /// <inheritdoc/>
    public int Hash(byte[] data) => (int)StableHash.ComputeHash(data);
}
