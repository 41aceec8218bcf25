using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Providers;
using Orleans.Storage;

namespace Orleans
{
    /// <summary>An attribute of a constructor's parameter that says what is given for it.</summary>
    public interface IFacetMetadata;
}

namespace Orleans.Runtime
{
    /// <summary>A state of a grain: read before the grain is activated, written when the grain says so.</summary>
    public interface IPersistentState<TState> : IStorage<TState>;

    /// <summary>Which state in which storage.</summary>
    public interface IPersistentStateConfiguration
    {
        /// <summary>The state's name.</summary>
        string StateName { get; }

        /// <summary>The storage's name; null for the default.</summary>
        string StorageName { get; }
    }

    /// <summary>Gives a grain a state, as a parameter of its constructor.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute : Attribute, IFacetMetadata, IPersistentStateConfiguration
    {
        /// <summary>Names the state and its storage.</summary>
        public PersistentStateAttribute(string stateName, string? storageName = null)
        {
            ArgumentNullException.ThrowIfNull(stateName);
            StateName = stateName;
            StorageName = storageName;
        }

        /// <inheritdoc />
        public string StateName { get; }

        /// <inheritdoc />
        public string? StorageName { get; }

        string IPersistentStateConfiguration.StorageName => StorageName!;
    }

    /// <summary>Makes states of grains.</summary>
    public interface IPersistentStateFactory
    {
        /// <summary>A state, which is read in the activation's <see cref="GrainLifecycleStage.SetupState"/>.</summary>
        IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration config);
    }
}

namespace Orleans.Local
{
    using Orleans.Runtime;

    internal sealed class PersistentStateFactory : IPersistentStateFactory
    {
        public IPersistentState<TState> Create<TState>(IGrainContext context, IPersistentStateConfiguration config)
        {
            var name = string.IsNullOrWhiteSpace(config.StorageName) ? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME : config.StorageName;
            var storage = context.ActivationServices.GetKeyedService<IGrainStorage>(name)
                ?? throw new BadProviderConfigException($"No storage provider named \"{name}\" found loading state \"{config.StateName}\" of grain {context.GrainId}.");
            var state = new StateStorage<TState>(config.StateName, context, storage);
            context.ObservableLifecycle.Subscribe($"PersistentState {config.StateName}", GrainLifecycleStage.SetupState, token => state.ReadStateAsync(token));
            return state;
        }
    }

    /// <summary>A state between a grain and its storage.</summary>
    internal sealed class StateStorage<TState>(string name, IGrainContext context, IGrainStorage storage) : IPersistentState<TState>
    {
        private readonly GrainState<TState> record = new(New());

        public TState State { get => record.State; set => record.State = value; }

        public string? Etag => record.ETag;

        public bool RecordExists => record.RecordExists;

        public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

        public async Task ReadStateAsync(CancellationToken cancellationToken)
        {
            OnlyInTurn();
            await storage.ReadStateAsync(name, context.GrainId, record, cancellationToken);
            record.State ??= New();
        }

        public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

        public async Task WriteStateAsync(CancellationToken cancellationToken)
        {
            OnlyInTurn();
            await storage.WriteStateAsync(name, context.GrainId, record, cancellationToken);
        }

        public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

        public async Task ClearStateAsync(CancellationToken cancellationToken)
        {
            OnlyInTurn();
            await storage.ClearStateAsync(name, context.GrainId, record, cancellationToken);
            record.State ??= New();
        }

        private static TState New() => typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance<TState>() : default!;

        private void OnlyInTurn()
        {
            if (!ReferenceEquals(RuntimeContext.Current, context))
            {
                throw new InvalidOperationException($"Activation access violation: storage of {context.GrainId} was used outside of its turns.");
            }
        }
    }
}
