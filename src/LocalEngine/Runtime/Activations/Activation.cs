using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>
/// The life of a grain in memory. Calls wait in order; one runs at a time, its continuations included, unless the grain or
/// the method lets another in between the awaits. The rules are those of Orleans' ActivationData.
/// </summary>
internal sealed partial class Activation : IGrainContext, ICallChainReentrantGrainContext, IGrainExtensionBinder
{
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivationScheduler scheduler;
    private readonly GrainLifecycle lifecycle = new();
    private readonly List<GrainCall> running = [];
    private readonly WaitingCalls waiting = new();
    private readonly Dictionary<Type, object> components = [];
    private readonly HashSet<LocalGrainTimer> timers = [];
    private readonly List<Guid> reentrantSections = [];

    private AsyncServiceScope scope;
    private ActivationState state = ActivationState.Activating;
    private GrainCall? blocking;
    private bool pumpScheduled;
    private bool deactivationRequested;
    private DeactivationReason reason;
    private TaskCompletionSource? drained;
    private long lastUse;
    private long keepUntil;
    private GrainReference? reference;

    public Activation(LocalSilo silo, GrainClass grainClass, GrainId grainId)
    {
        Silo = silo;
        Class = grainClass;
        GrainId = grainId;
        scheduler = new ActivationScheduler(this);
        lastUse = silo.ActivationClock.GetTimestamp();
    }

    private enum ActivationState
    {
        Activating,
        Valid,
        Deactivating,
        Ended,
    }

    public LocalSilo Silo { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public object? GrainInstance { get; private set; }

    public ActivationId ActivationId { get; } = ActivationId.NewId();

    public GrainAddress Address => new() { GrainId = GrainId, ActivationId = ActivationId, SiloAddress = Silo.Address, MembershipVersion = Silo.Cluster.Version };

    public GrainReference GrainReference => reference ??= Silo.Factory.UntypedReference(GrainId);

    public IServiceProvider ActivationServices => scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => lifecycle;

    public ActivationScheduler Scheduler => scheduler;

    IWorkItemScheduler IGrainContext.Scheduler => scheduler;

    public Task Deactivated => ended.Task;

    public bool HasEnded => state == ActivationState.Ended;

    /// <summary>Calls that run or wait.</summary>
    public int Load => running.Count + waiting.Count;

    public object? GetTarget() => GrainInstance;

    public object? GetComponent(Type componentType)
    {
        lock (components)
        {
            if (components.TryGetValue(componentType, out var known))
            {
                return known;
            }
        }

        return componentType.IsInstanceOfType(GrainInstance) ? GrainInstance : componentType.IsInstanceOfType(this) ? this : null;
    }

    public TComponent? GetComponent<TComponent>() where TComponent : class => (TComponent?)GetComponent(typeof(TComponent));

    public void SetComponent<TComponent>(TComponent? value) where TComponent : class
    {
        lock (components)
        {
            if (value is null)
            {
                components.Remove(typeof(TComponent));
            }
            else
            {
                components[typeof(TComponent)] = value;
            }
        }
    }

    public TExtensionInterface GetExtension<TExtensionInterface>() where TExtensionInterface : class, IGrainExtension
    {
        if (GetComponent<TExtensionInterface>() is { } known)
        {
            return known;
        }

        var made = ActivationServices.GetKeyedService<IGrainExtension>(typeof(TExtensionInterface)) as TExtensionInterface
            ?? throw new GrainExtensionNotInstalledException($"No extension of type {typeof(TExtensionInterface)} is installed on this instance and no implementations are registered for automated install");
        SetComponent(made);
        return made;
    }

    public (TExtension, TExtensionInterface) GetOrSetExtension<TExtension, TExtensionInterface>(Func<TExtension> newExtensionFunc)
        where TExtension : class, TExtensionInterface
        where TExtensionInterface : class, IGrainExtension
    {
        if (GetComponent<TExtensionInterface>() is not TExtension extension)
        {
            extension = newExtensionFunc();
            SetComponent<TExtensionInterface>(extension);
        }

        return (extension, Silo.Factory.GetGrain<TExtensionInterface>(GrainId));
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public override string ToString() => $"[Activation: {Silo.Address}/{GrainId}{ActivationId}]";

    /// <summary>What a call runs on: the grain, or an extension of it, which is made on first use.</summary>
    public object TargetOf(GrainCall call)
    {
        var contract = call.Descriptor.InterfaceType;
        if (contract.IsInstanceOfType(GrainInstance))
        {
            return GrainInstance!;
        }

        if (call is LocalGrainTimer.Tick)
        {
            return this;
        }

        lock (components)
        {
            if (components.TryGetValue(contract, out var extension))
            {
                return extension;
            }
        }

        var made = ActivationServices.GetKeyedService<IGrainExtension>(contract)
            ?? throw new GrainExtensionNotInstalledException($"No extension of type {contract} is installed on {GrainId}.");
        lock (components)
        {
            components[contract] = made;
        }

        return made;
    }
}
