using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A state on its way to or from storage.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The value.</summary>
        T State { get; set; }

        /// <summary>The version; null if none was read or written.</summary>
        string? ETag { get; set; }

        /// <summary>Whether the record exists.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>A state on its way to or from storage.</summary>
    [GenerateSerializer]
    public sealed class GrainState<T> : IGrainState<T>
    {
        /// <summary>No value.</summary>
        public GrainState() => State = default!;

        /// <summary>A value.</summary>
        public GrainState(T state) : this(state, null) { }

        /// <summary>A value with its version.</summary>
        public GrainState(T state, string? eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc />
        [Id(0)]
        public T State { get; set; }

        /// <inheritdoc />
        [Id(1)]
        public string? ETag { get; set; }

        /// <inheritdoc />
        [Id(2)]
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>Stores the states of grains. Versions (ETags) keep two writers apart.</summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a state into <paramref name="grainState"/>; leaves a default if there is none.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Reads a state into <paramref name="grainState"/>; leaves a default if there is none.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ReadStateAsync(stateName, grainId, grainState);
        }

        /// <summary>Writes a state and sets its new version.</summary>
        /// <exception cref="InconsistentStateException">The stored version is another.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a state and sets its new version.</summary>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return WriteStateAsync(stateName, grainId, grainState);
        }

        /// <summary>Clears a state.</summary>
        /// <exception cref="InconsistentStateException">The stored version is another.</exception>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Clears a state.</summary>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ClearStateAsync(stateName, grainId, grainState);
        }
    }

    /// <summary>The stored version is not the one that the writer knew.</summary>
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        /// <summary>An error without words.</summary>
        public InconsistentStateException() { }

        /// <summary>An error in words.</summary>
        public InconsistentStateException(string message) : base(message) { }

        /// <summary>An error with its cause.</summary>
        public InconsistentStateException(string message, Exception innerException) : base(message, innerException) { }

        /// <summary>An error with both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception storageException) : base(errorMsg, storageException)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>An error with both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag) : base(errorMsg)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>An error with both versions.</summary>
        public InconsistentStateException(string? storedEtag, string? currentEtag, Exception storageException)
            : this(storageException.Message, storedEtag, currentEtag, storageException) { }

        /// <summary>The version in storage.</summary>
        [Id(0)]
        public string? StoredEtag { get; private set; }

        /// <summary>The version that the writer knew.</summary>
        [Id(1)]
        public string? CurrentEtag { get; private set; }

        /// <summary>Whether the grain that sees it leave a call is the one whose state it was.</summary>
        [Id(2)]
        internal bool IsSourceActivation { get; set; } = true;

        /// <inheritdoc />
        public override string ToString() => $"InconsistentStateException: {Message} Expected Etag={CurrentEtag} Received Etag={StoredEtag} {InnerException}";
    }
}

namespace Orleans.Providers
{
    /// <summary>Names that providers have if none is given.</summary>
    public static class ProviderConstants
    {
        /// <summary>The storage of grains.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";

        /// <summary>The storage of subscriptions.</summary>
        public const string DEFAULT_PUBSUB_PROVIDER_NAME = "PubSubStore";
    }

    /// <summary>Names the storage of a <see cref="Grain{TGrainState}"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StorageProviderAttribute : Attribute
    {
        /// <summary>The storage's name.</summary>
        public string ProviderName { get; set; } = ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
    }
}
