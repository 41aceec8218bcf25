using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Local;

/// <content>Turns: which call runs when.</content>
internal sealed partial class Activation
{
    private static readonly Action<object?> PumpTurn = static state => ((Activation)state!).Pump();

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
            waiting.Add(call);
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

            if (waiting.First is not null && !pumpScheduled && state == ActivationState.Valid)
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

    private GrainCall? TakeInvocable()
    {
        // While an ordinary call runs, a queue of ordinary calls is not worth a look.
        if (running.Count > 0 && blocking is not null && !waiting.HasOvertakers && !Class.IsReentrant && Class.MayInterleave is null)
        {
            return null;
        }

        GrainCall? previous = null;
        for (var call = waiting.First; call is not null;)
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
                waiting.Remove(previous, call);
                call.FailFromCallee(error);
                call = next;
                continue;
            }

            if (take)
            {
                waiting.Remove(previous, call);
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
}
