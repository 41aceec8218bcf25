using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Local;

/// <summary>
/// The life of a grain in memory. Calls wait in order; one runs at a time, its continuations included, unless the grain or
/// the method lets another in between the awaits. The rules are those of Orleans' ActivationData.
/// </summary>
internal sealed class Activation : IGrainContext, ICallChainReentrantGrainContext, IGrainExtensionBinder
{
    private static readonly Action<object?> PumpTurn = static state => ((Activation)state!).Pump();

    private readonly Lock gate = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivationScheduler scheduler;
    private readonly GrainLifecycle lifecycle = new();
    private readonly List<GrainCall> running = [];
    private readonly Dictionary<Type, object> components = [];
    private readonly HashSet<LocalGrainTimer> timers = [];
    private readonly List<Guid> reentrantSections = [];

    private AsyncServiceScope scope;
    private ActivationState state = ActivationState.Activating;
    private GrainCall? firstWaiting;
    private GrainCall? lastWaiting;
    private int waitingCount;
    private int overtakersWaiting;
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
    public int Load => running.Count + waitingCount;

    /// <summary>Takes a call; false if the activation has ended.</summary>
    public bool Receive(GrainCall call)
    {
        lock (gate)
        {
            if (state == ActivationState.Ended)
            {
                return false;
            }

            call.Callee = this;
            Enqueue(call);
            if (state != ActivationState.Valid || pumpScheduled)
            {
                return true;
            }

            pumpScheduled = true;
        }

        SchedulePump();
        return true;
    }

    public void ReceiveMessage(object message) => Receive((GrainCall)message);

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default)
    {
        Silo.Register(this);
        scheduler.QueueAction(() => _ = ActivateAsync(requestContext));
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (state is ActivationState.Deactivating or ActivationState.Ended || deactivationRequested)
            {
                return;
            }

            reason = deactivationReason;
            if (state == ActivationState.Activating)
            {
                // The start sees it at its end.
                deactivationRequested = true;
                return;
            }

            state = ActivationState.Deactivating;
        }

        scheduler.QueueAction(() => _ = DeactivateAsync());
    }

    /// <summary>Moving a grain is ending it here: it starts where the next call places it.</summary>
    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        Deactivate(new(DeactivationReasonCode.Migrating, "Migrating to a new location."), cancellationToken);

    public void Rehydrate(IRehydrationContext context) => throw new NotSupportedException("The local engine carries nothing from one activation to the next.");

    public void DelayDeactivation(TimeSpan time)
    {
        var clock = Silo.ActivationClock;
        keepUntil = time <= TimeSpan.Zero && time != Timeout.InfiniteTimeSpan ? 0
            : time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? long.MaxValue
            : clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency);
    }

    /// <summary>Ends the activation if nobody has used it for long.</summary>
    public void CollectIfIdle(TimeSpan defaultAge)
    {
        var age = Class.IdleAge ?? (Silo.Collection.ClassSpecificCollectionAge.TryGetValue(Class.Type.FullName!, out var specific) ? specific : defaultAge);
        lock (gate)
        {
            if (state != ActivationState.Valid || Load > 0 || age == Timeout.InfiniteTimeSpan
                || Silo.ActivationClock.GetTimestamp() < keepUntil || Silo.ActivationClock.GetElapsedTime(lastUse) < age)
            {
                return;
            }
        }

        Deactivate(new(DeactivationReasonCode.ActivationIdle, "The activation was idle."));
    }

    /// <summary>Ends at once, as a crash does: no turn runs any more, and callers hear that the silo is gone.</summary>
    public void Kill()
    {
        List<GrainCall> lost;
        lock (gate)
        {
            state = ActivationState.Ended;
            lost = [.. running, .. TakeWaiting()];
        }

        scheduler.Kill();
        StopTimers();
        foreach (var call in lost)
        {
            call.Fail(new SiloUnavailableException($"The target silo became unavailable for message: {call}. Target silo: {Silo.Address}."));
        }

        ended.TrySetResult();
    }

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

    public void OnEnterReentrantSection(Guid reentrancyId)
    {
        lock (gate)
        {
            reentrantSections.Add(reentrancyId);
        }
    }

    public void OnExitReentrantSection(Guid reentrancyId)
    {
        lock (gate)
        {
            reentrantSections.Remove(reentrancyId);
        }
    }

    public void Add(LocalGrainTimer timer)
    {
        lock (timers)
        {
            timers.Add(timer);
        }
    }

    public void Remove(LocalGrainTimer timer)
    {
        lock (timers)
        {
            timers.Remove(timer);
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public override string ToString() => $"[Activation: {Silo.Address}/{GrainId}{ActivationId}]";

    private async Task ActivateAsync(Dictionary<string, object>? requestContext)
    {
        try
        {
            RequestContext.Current = requestContext;
            using var patience = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.ActivationClock);
            scope = Silo.Services.CreateAsyncScope();
            GrainInstance = Class.CreateInstance(this);
            (GrainInstance as ILifecycleParticipant<IGrainLifecycle>)?.Participate(lifecycle);
            foreach (var participant in Silo.GrainLifecycleParticipants)
            {
                participant(this);
            }

            if (GrainInstance is IGrainBase grain)
            {
                lifecycle.Subscribe("Grain", GrainLifecycleStage.Activate, grain.OnActivateAsync, token => grain.OnDeactivateAsync(reason, token));
            }

            await lifecycle.OnStart(patience.Token);
        }
        catch (Exception error)
        {
            Silo.Log.ActivationFailed(error, GrainId);
            List<GrainCall> refused;
            lock (gate)
            {
                state = ActivationState.Ended;
                refused = TakeWaiting();
            }

            foreach (var call in refused)
            {
                call.FailFromCallee(error);
            }

            await EndAsync();
            return;
        }

        var leaves = false;
        lock (gate)
        {
            lastUse = Silo.ActivationClock.GetTimestamp();
            leaves = deactivationRequested;
            state = leaves ? ActivationState.Deactivating : ActivationState.Valid;
            pumpScheduled = !leaves && firstWaiting is not null;
        }

        if (leaves)
        {
            await DeactivateAsync();
        }
        else if (pumpScheduled)
        {
            SchedulePump();
        }
    }

    private async Task DeactivateAsync()
    {
        using var patience = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.ActivationClock);
        try
        {
            StopTimers();
            Task idle;
            lock (gate)
            {
                drained = running.Count > 0 ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
                idle = drained?.Task ?? Task.CompletedTask;
            }

            await idle.WaitAsync(patience.Token);
            await lifecycle.OnStop(patience.Token);
        }
        catch (Exception error)
        {
            Silo.Log.DeactivationFailed(error, GrainId);
        }

        List<GrainCall> stranded;
        lock (gate)
        {
            state = ActivationState.Ended;
            stranded = TakeWaiting();
        }

        await EndAsync();
        foreach (var call in stranded.Where(static call => !call.IsLocalOnly))
        {
            Silo.Forward(call);
        }
    }

    private async Task EndAsync()
    {
        Silo.Unregister(this);
        StopTimers();
        try
        {
            if (GrainInstance is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (GrainInstance as IDisposable)?.Dispose();
            }

            if (scope.ServiceProvider is not null)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception error)
        {
            Silo.Log.DeactivationFailed(error, GrainId);
        }

        ended.TrySetResult();
    }

    private void StopTimers()
    {
        LocalGrainTimer[] all;
        lock (timers)
        {
            all = [.. timers];
        }

        foreach (var timer in all)
        {
            timer.Dispose();
        }
    }

    private void SchedulePump()
    {
        using (Flow.Suppress())
        {
            new Task(PumpTurn, this, CancellationToken.None, TaskCreationOptions.DenyChildAttach).Start(scheduler);
        }
    }

    // Starts every call that may run now, in the order in which they came.
    private void Pump()
    {
        while (true)
        {
            GrainCall? next;
            lock (gate)
            {
                next = state == ActivationState.Valid ? TakeInvocable() : null;
                if (next is null)
                {
                    pumpScheduled = false;
                    return;
                }

                running.Add(next);
                if (blocking is null && !next.IsAlwaysInterleave)
                {
                    blocking = next;
                }
            }

            _ = InvokeAsync(next);
        }
    }

    private async Task InvokeAsync(GrainCall call)
    {
        try
        {
            RequestContext.Current = call.Context;
            if (Silo.IncomingFilters is { Length: > 0 } || GrainInstance is IIncomingGrainCallFilter)
            {
                await new IncomingCall(this, call).RunAsync();
            }
            else
            {
                var target = TargetOf(call);
                call.Target = target;
                await call.RunAsync(target);
            }

            call.Succeed();
        }
        catch (Exception error)
        {
            OnError(call, error);
        }
        finally
        {
            OnCompleted(call);
        }
    }

    private void OnError(GrainCall call, Exception error)
    {
        if (error is InconsistentStateException { IsSourceActivation: true } conflict)
        {
            // Somebody else wrote the state: this activation's memory is worth nothing. Those who called it keep theirs.
            conflict.IsSourceActivation = false;
            Deactivate(new(DeactivationReasonCode.ApplicationError, error, error.Message));
        }

        if (call.IsOneWay)
        {
            Silo.Log.OneWayCallFailed(error, call);
        }

        call.FailFromCallee(error);
    }

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

    private void OnCompleted(GrainCall call)
    {
        var pump = false;
        TaskCompletionSource? last = null;
        lock (gate)
        {
            running.Remove(call);
            if (call.KeepsAlive)
            {
                lastUse = Silo.ActivationClock.GetTimestamp();
            }

            if (ReferenceEquals(blocking, call))
            {
                blocking = null;
            }

            if (running.Count == 0)
            {
                last = drained;
            }

            if (firstWaiting is not null && !pumpScheduled && state == ActivationState.Valid)
            {
                pumpScheduled = pump = true;
            }
        }

        last?.TrySetResult();
        if (pump)
        {
            SchedulePump();
        }
    }

    private bool MayInvoke(GrainCall call)
    {
        if (running.Count == 0 || call.IsAlwaysInterleave || blocking is null || (blocking.IsReadOnly && call.IsReadOnly) || Class.IsReentrant)
        {
            return true;
        }

        if (reentrantSections.Count > 0 && call.ReentrancyId is var id && id != Guid.Empty && reentrantSections.Contains(id))
        {
            return true;
        }

        return Class.MayInterleave is { } predicate && (predicate(GrainInstance!, call) || predicate(GrainInstance!, blocking));
    }

    private void Enqueue(GrainCall call)
    {
        call.NextWaiting = null;
        if (lastWaiting is null)
        {
            firstWaiting = call;
        }
        else
        {
            lastWaiting.NextWaiting = call;
        }

        lastWaiting = call;
        waitingCount++;
        if (call.MayOvertake)
        {
            overtakersWaiting++;
        }
    }

    private GrainCall? TakeInvocable()
    {
        // While an ordinary call runs, a queue of ordinary calls is not worth a look.
        if (running.Count > 0 && blocking is not null && overtakersWaiting == 0 && !Class.IsReentrant && Class.MayInterleave is null)
        {
            return null;
        }

        GrainCall? previous = null;
        for (var call = firstWaiting; call is not null;)
        {
            var next = call.NextWaiting;
            bool take;
            try
            {
                // Whoever gave up waiting is not served; the call would be for nobody.
                take = call.IsCompleted || MayInvoke(call);
            }
            catch (Exception error)
            {
                Unlink(previous, call);
                call.FailFromCallee(error);
                call = next;
                continue;
            }

            if (take)
            {
                Unlink(previous, call);
                if (!call.IsCompleted)
                {
                    return call;
                }
            }
            else
            {
                previous = call;
            }

            call = next;
        }

        return null;
    }

    private void Unlink(GrainCall? previous, GrainCall call)
    {
        if (previous is null)
        {
            firstWaiting = call.NextWaiting;
        }
        else
        {
            previous.NextWaiting = call.NextWaiting;
        }

        if (ReferenceEquals(lastWaiting, call))
        {
            lastWaiting = previous;
        }

        call.NextWaiting = null;
        waitingCount--;
        if (call.MayOvertake)
        {
            overtakersWaiting--;
        }
    }

    private List<GrainCall> TakeWaiting()
    {
        var all = new List<GrainCall>(waitingCount);
        for (var call = firstWaiting; call is not null; call = call.NextWaiting)
        {
            all.Add(call);
        }

        firstWaiting = lastWaiting = null;
        waitingCount = overtakersWaiting = 0;
        return all;
    }
}
