using Orleans.Core;
using Orleans.Serialization.Invocation;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>An activation: the life of a grain in memory.</summary>
public interface IGrainContext : ITargetHolder, IEquatable<IGrainContext>
{
    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain.</summary>
    GrainId GrainId { get; }

    /// <summary>The instance; null before it is made.</summary>
    object? GrainInstance { get; }

    /// <summary>The activation's identity.</summary>
    ActivationId ActivationId { get; }

    /// <summary>Where it is.</summary>
    GrainAddress Address { get; }

    /// <summary>The services of the activation, a scope of the silo's.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>The steps by which it starts and ends.</summary>
    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>What runs its turns.</summary>
    IWorkItemScheduler Scheduler { get; }

    /// <summary>Ends when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Puts a component beside the instance.</summary>
    void SetComponent<TComponent>(TComponent? value) where TComponent : class;

    /// <summary>Takes a call.</summary>
    void ReceiveMessage(object message);

    /// <summary>Starts the activation.</summary>
    void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);

    /// <summary>Begins to end it.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);

    /// <summary>Takes over what another activation left.</summary>
    void Rehydrate(IRehydrationContext context);

    /// <summary>Begins to move it.</summary>
    void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default);
}

/// <summary>More of an activation.</summary>
public static class GrainContextExtensions
{
    /// <summary>Ends it and waits until it has ended.</summary>
    public static Task DeactivateAsync(this IGrainContext grainContext, DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        grainContext.Deactivate(deactivationReason, cancellationToken);
        return grainContext.Deactivated;
    }
}

/// <summary>Whose turn it is.</summary>
public interface IGrainContextAccessor
{
    /// <summary>The activation whose turn runs.</summary>
    IGrainContext GrainContext { get; }
}

/// <summary>Runs work as turns.</summary>
public interface IWorkItemScheduler
{
    /// <summary>Runs an action.</summary>
    void QueueAction(Action action);

    /// <summary>Runs an action with its state.</summary>
    void QueueAction(Action<object> action, object state);

    /// <summary>Runs a task that was not started.</summary>
    void QueueTask(Task task);
}

/// <summary>The steps by which an activation starts and ends.</summary>
public interface IGrainLifecycle : ILifecycleObservable
{
    /// <summary>Adds one that takes part in moves.</summary>
    void AddMigrationParticipant(IGrainMigrationParticipant participant);

    /// <summary>Removes it.</summary>
    void RemoveMigrationParticipant(IGrainMigrationParticipant participant);
}

/// <summary>The steps of an activation's start, in rising order.</summary>
public static class GrainLifecycleStage
{
    /// <summary>First.</summary>
    public const int First = int.MinValue;

    /// <summary>State is read.</summary>
    public const int SetupState = 1_000;

    /// <summary><see cref="IGrainBase.OnActivateAsync"/> runs.</summary>
    public const int Activate = SetupState + 1_000;

    /// <summary>Last.</summary>
    public const int Last = int.MaxValue;
}

/// <summary>Takes part in moves of an activation.</summary>
public interface IGrainMigrationParticipant
{
    /// <summary>Leaves what the next activation needs.</summary>
    void OnDehydrate(IDehydrationContext dehydrationContext);

    /// <summary>Takes what the last activation left.</summary>
    void OnRehydrate(IRehydrationContext rehydrationContext);
}

/// <summary>What an activation leaves when it moves.</summary>
public interface IDehydrationContext
{
    /// <summary>The names of the values.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>Adds bytes.</summary>
    void AddBytes(string key, ReadOnlySpan<byte> value);

    /// <summary>Adds bytes that are written.</summary>
    void AddBytes<T>(string key, Action<T, System.Buffers.IBufferWriter<byte>> valueWriter, T value);

    /// <summary>Adds a value, if it can be carried.</summary>
    bool TryAddValue<T>(string key, T? value);
}

/// <summary>What an activation left when it moved.</summary>
public interface IRehydrationContext
{
    /// <summary>The names of the values.</summary>
    IEnumerable<string> Keys { get; }

    /// <summary>Bytes of a name.</summary>
    bool TryGetBytes(string key, out System.Buffers.ReadOnlySequence<byte> value);

    /// <summary>A value of a name.</summary>
    bool TryGetValue<T>(string key, out T? value);
}

/// <summary>What an activation is given by its silo.</summary>
public interface IGrainRuntime
{
    /// <summary>The silo as text.</summary>
    string SiloIdentity { get; }

    /// <summary>The silo.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Makes references.</summary>
    IGrainFactory GrainFactory { get; }

    /// <summary>Makes timers.</summary>
    ITimerRegistry TimerRegistry { get; }

    /// <summary>The silo's services.</summary>
    IServiceProvider ServiceProvider { get; }

    /// <summary>The clock of grains.</summary>
    TimeProvider TimeProvider { get; }

    /// <summary>Deactivates when the turns that run have ended.</summary>
    void DeactivateOnIdle(IGrainContext grainContext);

    /// <summary>Keeps the grain at least so long.</summary>
    void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan);

    /// <summary>The storage of a <see cref="Grain{TGrainState}"/>.</summary>
    IStorage<TGrainState> GetStorage<TGrainState>(IGrainContext grainContext);
}

/// <summary>Finds and sets extensions of the activation whose turn runs.</summary>
public interface IGrainExtensionBinder
{
    /// <summary>The extension.</summary>
    TExtensionInterface GetExtension<TExtensionInterface>() where TExtensionInterface : class, IGrainExtension;

    /// <summary>The extension and a reference to it; made if there is none.</summary>
    (TExtension, TExtensionInterface) GetOrSetExtension<TExtension, TExtensionInterface>(Func<TExtension> newExtensionFunc)
        where TExtension : class, TExtensionInterface
        where TExtensionInterface : class, IGrainExtension;
}
