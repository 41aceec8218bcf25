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

    /// <summary>
    /// A state between a grain and its storage. Operations run one after the other, each after a yield; writes that have not
    /// begun are one write, and a read behind another operation is served by it, as in Orleans.
    /// </summary>
    internal sealed class StateStorage<TState>(string name, IGrainContext context, IGrainStorage storage) : IPersistentState<TState>
    {
        private readonly GrainState<TState> record = new(New());
        private Operation? last;

        private enum Kind
        {
            Read = 1,
            Write = 2,
            Clear = 3,
        }

        public TState State { get => record.State; set => record.State = value; }

        public string? Etag => record.ETag;

        public bool RecordExists => record.RecordExists;

        public Task ReadStateAsync() => ReadStateAsync(CancellationToken.None);

        public Task ReadStateAsync(CancellationToken cancellationToken) => Queue(Kind.Read, cancellationToken);

        public Task WriteStateAsync() => WriteStateAsync(CancellationToken.None);

        public Task WriteStateAsync(CancellationToken cancellationToken) => Queue(Kind.Write, cancellationToken);

        public Task ClearStateAsync() => ClearStateAsync(CancellationToken.None);

        public Task ClearStateAsync(CancellationToken cancellationToken) => Queue(Kind.Clear, cancellationToken);

        private static TState New() => typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null ? Activator.CreateInstance<TState>() : default!;

        // Turns are one at a time, so nothing here needs a lock.
        private Task Queue(Kind kind, CancellationToken cancellationToken)
        {
            if (!ReferenceEquals(RuntimeContext.Current, context))
            {
                throw new InvalidOperationException($"Activation access violation: storage of {context.GrainId} was used outside of its turns.");
            }

            if (kind != Kind.Read && !cancellationToken.CanBeCanceled && last is { HasBegun: false, CanBeCanceled: false } waiting && waiting.Kind == kind)
            {
                return waiting.Completion;
            }

            var operation = new Operation(kind, cancellationToken.CanBeCanceled);
            var before = last;
            last = operation;
            return operation.Completion = RunAsync(operation, before, cancellationToken);
        }

        private async Task RunAsync(Operation operation, Operation? before, CancellationToken cancellationToken)
        {
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext);
            try
            {
                var isServed = false;
                if (before is not null)
                {
                    await before.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
                    isServed = before.Completion.IsCompletedSuccessfully && (operation.Kind == Kind.Read || (operation.Kind == Kind.Clear && before.Kind == Kind.Clear));
                }

                operation.HasBegun = true;
                if (!isServed)
                {
                    await CallAsync(operation.Kind, cancellationToken);
                    record.State ??= New();
                }
            }
            catch (Exception error) when (error is not OrleansException && !(error is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                // Callers need not know which storage it was: they see one kind of error, with its cause.
                throw new OrleansException($"Error from storage provider {storage.GetType().Name}.{name} during {operation.Kind}StateAsync for grain {context.GrainId}: {error.Message}", error);
            }
            finally
            {
                if (ReferenceEquals(last, operation))
                {
                    last = null;
                }
            }
        }

        private Task CallAsync(Kind kind, CancellationToken cancellationToken) => kind switch
        {
            Kind.Read => storage.ReadStateAsync(name, context.GrainId, record, cancellationToken),
            Kind.Write => storage.WriteStateAsync(name, context.GrainId, record, cancellationToken),
            _ => storage.ClearStateAsync(name, context.GrainId, record, cancellationToken),
        };

        private sealed class Operation(Kind kind, bool canBeCanceled)
        {
            public Kind Kind => kind;

            public bool CanBeCanceled => canBeCanceled;

            public bool HasBegun { get; set; }

            public Task Completion { get; set; } = Task.CompletedTask;
        }
    }
}
