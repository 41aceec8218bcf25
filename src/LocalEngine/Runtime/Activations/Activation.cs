using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Calls;
using Orleans.Cluster;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Orleans.Activations;

/// <summary>
/// The life of a grain in memory. Calls wait in order and run one at a time, but for those that may run beside others; nothing
/// runs before the activation has started or after it has ended.
/// </summary>
internal sealed partial class Activation : IGrainContext, ICallChainReentrantGrainContext, IDisposable
{
    private readonly Lock gate = new();
    private readonly List<Message> waiting = [];
    private readonly List<Message> running = [];
    private readonly List<Guid> openSections = [];
    private readonly HashSet<IDisposable> timers = [];
    private readonly ConcurrentDictionary<Type, object> components = new();
    private readonly TaskCompletionSource deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActivationScheduler scheduler;
    private readonly ActivationLifecycle lifecycle = new();
    private readonly AsyncServiceScope scope;
    private Phase phase = Phase.Created;
    private DeactivationReason reason;
    private DateTimeOffset lastUsed;
    private DateTimeOffset keepUntil;
    private GrainReference? reference;

    public Activation(LocalSilo silo, GrainId grainId, GrainClass grainClass)
    {
        Silo = silo;
        GrainId = grainId;
        Class = grainClass;
        scheduler = new(this);
        scope = silo.Services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ActivationHolder>().Activation = this;
        Address = new() { GrainId = grainId, ActivationId = ActivationId.NewId(), SiloAddress = silo.SiloAddress };
        lastUsed = silo.ActivationClock.GetUtcNow();
    }

    private enum Phase
    {
        Created = 0,
        Activating = 1,
        Active = 2,
        Deactivating = 3,
        Gone = 4,
    }

    public LocalSilo Silo { get; }

    public GrainClass Class { get; }

    public GrainId GrainId { get; }

    public GrainReference GrainReference => reference ??= Silo.Sender.Factory.Make(typeof(IAddressable), GrainId);

    public object? GrainInstance { get; private set; }

    public ActivationId ActivationId => Address.ActivationId;

    public GrainAddress Address { get; }

    public IServiceProvider ActivationServices => scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => lifecycle;

    public IWorkItemScheduler Scheduler => scheduler;

    public TaskScheduler TaskScheduler => scheduler;

    public Task Deactivated => deactivated.Task;

    /// <summary>How many calls run or wait.</summary>
    public int Load
    {
        get
        {
            lock (gate)
            {
                return running.Count + waiting.Count;
            }
        }
    }

    public object? GetTarget() => GrainInstance;

    public object? GetComponent(Type componentType) =>
        components.TryGetValue(componentType, out var component) ? component
        : componentType.IsInstanceOfType(GrainInstance) ? GrainInstance
        : componentType.IsInstanceOfType(this) ? this
        : ActivationServices.GetKeyedService<IGrainExtension>(componentType) is { } extension ? components.GetOrAdd(componentType, extension)
        : null;

    public void SetComponent<TComponent>(TComponent? value) where TComponent : class
    {
        if (value is null)
        {
            components.TryRemove(typeof(TComponent), out _);
        }
        else
        {
            components[typeof(TComponent)] = value;
        }
    }

    public void ReceiveMessage(object message) => TryReceive((Message)message);

    /// <summary>Takes a call; false when the activation has ended, so that another one must take it.</summary>
    public bool TryReceive(Message message)
    {
        lock (gate)
        {
            if (phase is Phase.Gone or Phase.Deactivating)
            {
                return false;
            }

            var limit = Silo.Messaging.MaxEnqueuedRequestsHardLimit;
            if (limit > 0 && waiting.Count >= limit)
            {
                throw new LimitExceededException("MaxEnqueuedRequestsHardLimit", waiting.Count, limit, this);
            }

            if (MayRun(message))
            {
                Begin(message);
            }
            else
            {
                waiting.Add(message);
            }
        }

        return true;
    }

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            phase = Phase.Activating;
        }

        Run(() => ActivateAsync(requestContext));
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (gate)
        {
            if (phase is Phase.Active && reason.ReasonCode == DeactivationReasonCode.None)
            {
                reason = deactivationReason;
                EndIfQuiet();
            }
            else if (phase is Phase.Activating && reason.ReasonCode == DeactivationReasonCode.None)
            {
                reason = deactivationReason;
            }
        }
    }

    public void DeactivateIfIdle(DateTimeOffset now)
    {
        var period = Class.IdlePeriod ?? (Silo.Collection.ClassSpecificCollectionAge.TryGetValue(Class.Type.FullName!, out var specific) ? specific : Silo.Collection.CollectionAge);
        if (period == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        lock (gate)
        {
            if (running.Count > 0 || waiting.Count > 0 || now < keepUntil || now - lastUsed < period)
            {
                return;
            }
        }

        Deactivate(new(DeactivationReasonCode.ActivationIdle, "Activation is idle."));
    }

    public void DelayDeactivation(TimeSpan time)
    {
        lock (gate)
        {
            keepUntil = time <= TimeSpan.Zero ? default
                : time == TimeSpan.MaxValue || time == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue
                : Silo.ActivationClock.GetUtcNow() + time;
        }
    }

    /// <summary>Ends at once, as the process would: nothing more runs, and callers learn that the silo is gone.</summary>
    public void Kill(Exception gone)
    {
        List<Message> lost;
        List<IDisposable> ended;
        lock (gate)
        {
            phase = Phase.Gone;
            lost = [.. running, .. waiting];
            running.Clear();
            waiting.Clear();
            ended = [.. timers];
            timers.Clear();
        }

        scheduler.Stop();
        ended.ForEach(static timer => timer.Dispose());
        lost.ForEach(message => message.Fail(gone));
        deactivated.TrySetResult();
    }

    public void Rehydrate(IRehydrationContext context)
    {
        // Nothing moves here, so nothing is ever left behind for another activation.
    }

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        Deactivate(new(DeactivationReasonCode.Migrating, "Migrating: the next call activates the grain anew."), cancellationToken);

    public void OnEnterReentrantSection(Guid reentrancyId)
    {
        lock (gate)
        {
            openSections.Add(reentrancyId);
            BeginWaiting();
        }
    }

    public void OnExitReentrantSection(Guid reentrancyId)
    {
        lock (gate)
        {
            openSections.Remove(reentrancyId);
        }
    }

    /// <summary>Ties a timer's life to the activation's; false when it has ended.</summary>
    public bool AddTimer(IDisposable timer)
    {
        lock (gate)
        {
            return phase is not (Phase.Gone or Phase.Deactivating) && timers.Add(timer);
        }
    }

    public void RemoveTimer(IDisposable timer)
    {
        lock (gate)
        {
            timers.Remove(timer);
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    public override string ToString() => Address.ToString();

    public void Dispose() => scope.Dispose();

    // Only under the lock.
    private bool MayRun(Message message)
    {
        if (phase is not Phase.Active || reason.ReasonCode != DeactivationReasonCode.None)
        {
            return false;
        }

        if (running.Count == 0 || Class.IsReentrant || message.IsAlwaysInterleave)
        {
            return true;
        }

        if (message.IsReadOnly && running.TrueForAll(static other => other.IsReadOnly || other.IsAlwaysInterleave))
        {
            return true;
        }

        if (openSections.Count > 0 && message.RequestContext is { } context
            && context.TryGetValue(RequestContext.CallChainReentrancyHeader, out var id) && id is Guid chain && openSections.Contains(chain))
        {
            return true;
        }

        return Class.MayInterleave is { } predicate && predicate(GrainInstance!, message.Request);
    }

    private void Begin(Message message)
    {
        running.Add(message);
        Run(() => TurnAsync(message));
    }

    private void BeginWaiting()
    {
        for (var index = 0; index < waiting.Count; index++)
        {
            var message = waiting[index];
            if (MayRun(message))
            {
                waiting.RemoveAt(index--);
                Begin(message);
            }
        }
    }

    private void EndIfQuiet()
    {
        if (phase is Phase.Active && running.Count == 0)
        {
            phase = Phase.Deactivating;
            Run(DeactivateAsync);
        }
    }

    // The caller's ambient values are not the grain's: those that travel are in the message.
    private void Run(Func<Task> turn)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        }
        else
        {
            using var suppressed = ExecutionContext.SuppressFlow();
            Task.Factory.StartNew(turn, CancellationToken.None, TaskCreationOptions.DenyChildAttach, scheduler);
        }
    }

    private async Task TurnAsync(Message message)
    {
        try
        {
            if (message.IsOver && Silo.Messaging.DropExpiredMessages)
            {
                return;
            }

            RequestContext.Current = message.RequestContext;
            message.Request.SetTarget(this);
            if (message.Request.GetTarget() is null)
            {
                message.Fail(new GrainExtensionNotInstalledException($"{GrainId} has no {message.Request.GetInterfaceName()}."));
                return;
            }

            var response = Silo.IncomingFilters.Count == 0 && GrainInstance is not IIncomingGrainCallFilter
                ? await message.Request.Invoke()
                : await FilterAsync(message);
            message.Reply(response.Exception is { } error ? Response.FromException(SerializableExceptions.ForCaller(error)) : response);
        }
        catch (Exception error)
        {
            message.Fail(error);
        }
        finally
        {
            lock (gate)
            {
                running.Remove(message);
                lastUsed = Silo.ActivationClock.GetUtcNow();
                if (reason.ReasonCode != DeactivationReasonCode.None)
                {
                    EndIfQuiet();
                }
                else
                {
                    BeginWaiting();
                }
            }
        }
    }

    private async Task<Response> FilterAsync(Message message)
    {
        var call = new IncomingCall(message.Request, this, message.Source?.GrainId, Silo.IncomingFilters);
        try
        {
            await call.Invoke();
            return call.Response ?? Response.Completed;
        }
        catch (Exception error)
        {
            return Response.FromException(error);
        }
    }

    private async Task ActivateAsync(Dictionary<string, object>? requestContext)
    {
        try
        {
            RequestContext.Current = requestContext;
            using var timeout = new CancellationTokenSource(Silo.Collection.ActivationTimeout, Silo.ActivationClock);
            GrainInstance = Class.Create(this);
            if (GrainInstance is ILifecycleParticipant<IGrainLifecycle> participant)
            {
                participant.Participate(lifecycle);
            }

            if (GrainInstance is IGrainBase grain)
            {
                lifecycle.Subscribe("OnActivateAsync", GrainLifecycleStage.Activate, grain.OnActivateAsync);
            }

            await lifecycle.StartAsync(timeout.Token);
            lock (gate)
            {
                if (phase is Phase.Activating)
                {
                    phase = Phase.Active;
                    if (reason.ReasonCode != DeactivationReasonCode.None)
                    {
                        EndIfQuiet();
                    }
                    else
                    {
                        BeginWaiting();
                    }
                }
            }
        }
        catch (Exception error)
        {
            LogActivationFailed(Silo.Logger, error, GrainId);
            var refusal = SerializableExceptions.ForCaller(error);
            List<Message> refused;
            lock (gate)
            {
                phase = Phase.Gone;
                refused = [.. waiting];
                waiting.Clear();
            }

            Silo.Remove(this);
            refused.ForEach(message => message.Fail(refusal));
            await EndAsync();
        }
    }

    private async Task DeactivateAsync()
    {
        RequestContext.Current = null;
        using var timeout = new CancellationTokenSource(Silo.Collection.DeactivationTimeout, Silo.ActivationClock);
        try
        {
            if (GrainInstance is IGrainBase grain)
            {
                await grain.OnDeactivateAsync(reason, timeout.Token).WaitAsync(timeout.Token);
            }

            await lifecycle.StopAsync(timeout.Token);
        }
        catch (Exception error)
        {
            LogDeactivationFailed(Silo.Logger, error, GrainId, reason);
        }

        List<Message> forwarded;
        lock (gate)
        {
            phase = Phase.Gone;
            forwarded = [.. waiting];
            waiting.Clear();
        }

        Silo.Remove(this);
        await EndAsync();
        forwarded.ForEach(Silo.Cluster.Deliver);
    }

    private async Task EndAsync()
    {
        List<IDisposable> ended;
        lock (gate)
        {
            ended = [.. timers];
            timers.Clear();
        }

        ended.ForEach(static timer => timer.Dispose());
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

            await scope.DisposeAsync();
        }
        catch (Exception error)
        {
            LogDeactivationFailed(Silo.Logger, error, GrainId, reason);
        }

        deactivated.TrySetResult();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Grain {GrainId} was not activated.")]
    private static partial void LogActivationFailed(ILogger logger, Exception error, GrainId grainId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Grain {GrainId} failed while it was deactivated ({Reason}).")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception error, GrainId grainId, DeactivationReason reason);
}

/// <summary>Tells the services of an activation's scope whose they are.</summary>
internal sealed class ActivationHolder
{
    public Activation? Activation { get; set; }
}
