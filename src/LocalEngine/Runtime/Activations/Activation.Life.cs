using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Local;

/// <content>From the first call to the end: activation, deactivation, collection, and the crash of its silo.</content>
internal sealed partial class Activation
{
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
            lost = [.. running, .. waiting.TakeAll()];
        }

        scheduler.Kill();
        StopTimers();
        foreach (var call in lost)
        {
            call.Fail(new SiloUnavailableException($"The target silo became unavailable for message: {call}. Target silo: {Silo.Address}."));
        }

        ended.TrySetResult();
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
                refused = waiting.TakeAll();
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
            pumpScheduled = !leaves && waiting.First is not null;
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
            stranded = waiting.TakeAll();
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
}
