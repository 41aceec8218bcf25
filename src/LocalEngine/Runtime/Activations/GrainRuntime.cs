using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core;
using Orleans.Providers;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.Timers;

namespace Orleans.Local;

/// <summary>What a silo gives its grains.</summary>
internal sealed class GrainRuntime(LocalSilo silo, IServiceProvider services, ITimerRegistry timers) : IGrainRuntime
{
    public string SiloIdentity => silo.Address.ToString();

    public SiloAddress SiloAddress => silo.Address;

    public IGrainFactory GrainFactory => silo.Factory;

    public ITimerRegistry TimerRegistry => timers;

    public IServiceProvider ServiceProvider => services;

    public TimeProvider TimeProvider { get; } = services.ClockOf(TimeProviderNames.Grains);

    public void DeactivateOnIdle(IGrainContext grainContext) =>
        grainContext.Deactivate(new(DeactivationReasonCode.ApplicationRequested, $"{nameof(DeactivateOnIdle)} was called."));

    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => ((Activation)grainContext).DelayDeactivation(timeSpan);

    public IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext)
    {
        var type = grainContext.GrainInstance?.GetType() ?? ((Activation)grainContext).Class.Type;
        var name = type.GetCustomAttribute<StorageProviderAttribute>()?.ProviderName ?? ProviderConstants.DEFAULT_STORAGE_PROVIDER_NAME;
        var storage = services.GetKeyedService<IGrainStorage>(name)
            ?? throw new BadProviderConfigException($"No storage provider found loading grain type {type.FullName}: there is none named \"{name}\".");
        return new StateStorage<TGrainState>(type.FullName!, grainContext, storage);
    }
}

/// <summary>Makes timers of activations on the clock of grains.</summary>
internal sealed class TimerRegistry(IServiceProvider services) : ITimerRegistry
{
    private readonly TimeProvider clock = services.ClockOf(TimeProviderNames.Grains);

    public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new LocalGrainTimer<object?>(OwnerOf(grainContext), clock, (value, _) => callback(value), state, interleave: true, keepAlive: false);
        timer.Change(dueTime, period);
        return timer;
    }

    public IGrainTimer RegisterGrainTimer<TState>(IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new LocalGrainTimer<TState>(OwnerOf(grainContext), clock, callback, state, options.Interleave, options.KeepAlive);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    private static Activation OwnerOf(IGrainContext grainContext)
    {
        ArgumentNullException.ThrowIfNull(grainContext);
        if (RuntimeContext.Current is null)
        {
            throw new InvalidOperationException("Current grain context is null. Please make sure you are not trying to create a Timer from outside Orleans Task Scheduler, which will be the case if you create it inside Task.Run.");
        }

        return ReferenceEquals(RuntimeContext.Current, grainContext)
            ? (Activation)grainContext
            : throw new InvalidOperationException("Current grain context differs from specified grain context.");
    }
}

/// <summary>Whose turn it is.</summary>
internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    public IGrainContext GrainContext => RuntimeContext.Current!;
}
