using Orleans.Cluster;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Activations;

/// <summary>What a silo gives to its activations.</summary>
internal sealed class GrainRuntime(LocalSilo silo, ITimerRegistry timers) : IGrainRuntime
{
    public string SiloIdentity => silo.SiloAddress.ToString();

    public SiloAddress SiloAddress => silo.SiloAddress;

    public IGrainFactory GrainFactory => silo.Sender.Factory;

    public ITimerRegistry TimerRegistry => timers;

    public IServiceProvider ServiceProvider => silo.Services;

    public TimeProvider TimeProvider => silo.GrainClock;

    public void DeactivateOnIdle(IGrainContext grainContext) => grainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => ((Activation)grainContext).DelayDeactivation(timeSpan);

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext)
    {
        var type = grainContext.GrainInstance?.GetType() ?? ((Activation)grainContext).Class.Type;
        var name = type.GetCustomAttributes(typeof(Providers.StorageProviderAttribute), true).OfType<Providers.StorageProviderAttribute>().FirstOrDefault()?.ProviderName;
        return new PersistentState<TGrainState>((Activation)grainContext, type.FullName!, PersistentStates.StorageOf(grainContext, name));
    }
}

/// <summary>Whose turn it is.</summary>
internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => RuntimeContext.Current!;
}

/// <summary>Extensions of the activation whose turn runs.</summary>
internal sealed class GrainExtensionBinder(LocalSilo silo) : IGrainExtensionBinder
{
    public TExtensionInterface GetExtension<TExtensionInterface>() where TExtensionInterface : class, IGrainExtension =>
        RuntimeContext.Current?.GetComponent(typeof(TExtensionInterface)) as TExtensionInterface
        ?? throw new GrainExtensionNotInstalledException($"No extension {typeof(TExtensionInterface)} is installed.");

    public (TExtension, TExtensionInterface) GetOrSetExtension<TExtension, TExtensionInterface>(Func<TExtension> newExtensionFunc)
        where TExtension : class, TExtensionInterface
        where TExtensionInterface : class, IGrainExtension
    {
        var context = RuntimeContext.Current ?? throw new InvalidOperationException("There is no activation whose turn runs.");
        if (context.GetComponent(typeof(TExtensionInterface)) is not TExtension extension)
        {
            extension = newExtensionFunc();
            context.SetComponent<TExtensionInterface>(extension);
        }

        return (extension, silo.Sender.Factory.GetGrain<TExtensionInterface>(context.GrainId));
    }
}
