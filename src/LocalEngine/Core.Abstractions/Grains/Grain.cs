using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The usual base of grain classes.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    /// <summary>Takes the activation that is being made.</summary>
    protected Grain() : this(RuntimeContext.Current!, null) { }

    /// <summary>Takes an activation, and a runtime when a test wants its own.</summary>
    protected Grain(IGrainContext grainContext, IGrainRuntime? grainRuntime = null)
    {
        GrainContext = grainContext;
        Runtime = grainRuntime ?? grainContext?.ActivationServices.GetService<IGrainRuntime>();
    }

    /// <summary>The activation around the instance.</summary>
    public IGrainContext GrainContext { get; private set; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>The grain's identity as text.</summary>
    public string IdentityString => GrainContext.GrainId.ToString();

    /// <summary>The silo as text.</summary>
    public string RuntimeIdentity => Runtime?.SiloIdentity ?? string.Empty;

    internal IGrainRuntime? Runtime { get; }

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => Runtime!.GrainFactory;

    /// <summary>The services of the activation.</summary>
    protected internal IServiceProvider ServiceProvider => GrainContext?.ActivationServices ?? Runtime?.ServiceProvider!;

    /// <summary>Runs before the first call. A failure reaches the callers that wait.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Runs after the last call. It is not promised: a killed silo deactivates nothing.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Calls back beside other turns when the time has come.</summary>
    [Obsolete("Use 'this.RegisterGrainTimer(callback, state, new() { DueTime = dueTime, Period = period, Interleave = true })' instead.")]
    protected IDisposable RegisterTimer(Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        EnsureRuntime();
        return Runtime!.TimerRegistry.RegisterTimer(GrainContext ?? RuntimeContext.Current!, callback, state, dueTime, period);
    }

    /// <summary>Deactivates when the turns that run have ended.</summary>
    protected void DeactivateOnIdle()
    {
        EnsureRuntime();
        Runtime!.DeactivateOnIdle(GrainContext ?? RuntimeContext.Current!);
    }

    /// <summary>Moves to another silo when the turns that run have ended.</summary>
    protected void MigrateOnIdle()
    {
        EnsureRuntime();
        ((IGrainBase)this).MigrateOnIdle();
    }

    /// <summary>Keeps the grain at least so long; a negative time or zero lets it go as usual.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan)
    {
        EnsureRuntime();
        Runtime!.DelayDeactivation(GrainContext ?? RuntimeContext.Current!, timeSpan);
    }

    internal void EnsureRuntime()
    {
        if (Runtime is null)
        {
            throw new InvalidOperationException("Grain was created outside of the Orleans creation process and no runtime was specified.");
        }
    }
}

/// <summary>A grain with one state, named by the class, in the storage that <see cref="Providers.StorageProviderAttribute"/> or the default names.</summary>
public class Grain<TGrainState> : Grain
{
    private IStorage<TGrainState>? storage;

    /// <summary>The state is read before <see cref="Grain.OnActivateAsync"/>.</summary>
    protected Grain()
    {
        RuntimeContext.Current!.ObservableLifecycle.Subscribe(GetType().FullName!, GrainLifecycleStage.SetupState, _ =>
        {
            storage ??= Runtime!.GetStorage<TGrainState>(GrainContext);
            return ReadStateAsync();
        });
    }

    /// <summary>Takes a storage, in tests.</summary>
    protected Grain(IStorage<TGrainState> storage) => this.storage = storage;

    /// <summary>The state.</summary>
    protected TGrainState State
    {
        get => storage!.State;
        set => storage!.State = value;
    }

    /// <summary>Clears the stored state.</summary>
    protected virtual Task ClearStateAsync() => storage!.ClearStateAsync();

    /// <summary>Stores the state.</summary>
    protected virtual Task WriteStateAsync() => storage!.WriteStateAsync();

    /// <summary>Reads the stored state.</summary>
    protected virtual Task ReadStateAsync() => storage!.ReadStateAsync();
}
