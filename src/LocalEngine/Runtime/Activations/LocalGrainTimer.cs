using Orleans.CodeGeneration;
using Orleans.Runtime;

namespace Orleans.Local;

/// <summary>Declares the call that call filters see for a tick of a timer.</summary>
internal interface IGrainTimerInvoker : IAddressable
{
    Task InvokeCallbackAsync();
}

/// <summary>A timer whose ticks are calls of its activation. The next tick is armed when the last has ended.</summary>
internal abstract class LocalGrainTimer : IGrainTimer
{
    private static readonly MethodDescriptor TickMethod = new(typeof(IGrainTimerInvoker).GetMethod(nameof(IGrainTimerInvoker.InvokeCallbackAsync))!);

    private readonly Activation activation;
    private readonly bool interleave;
    private readonly bool keepAlive;
    private readonly CancellationTokenSource cancellation = new();
    private readonly Lock gate = new();
    private ITimer? timer;
    private TimeSpan due = Timeout.InfiniteTimeSpan;
    private TimeSpan period = Timeout.InfiniteTimeSpan;
    private bool firing;
    private bool changed;

    protected LocalGrainTimer(Activation activation, TimeProvider clock, bool interleave, bool keepAlive)
    {
        this.activation = activation;
        this.interleave = interleave;
        this.keepAlive = keepAlive;
        using (Flow.Suppress())
        {
            timer = clock.CreateTimer(static state => ((LocalGrainTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        activation.Add(this);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, nameof(dueTime));
        Validate(period, nameof(period));
        lock (gate)
        {
            changed = true;
            due = dueTime;
            this.period = period;
            if (!firing)
            {
                timer?.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (timer is null)
            {
                return;
            }

            timer.Dispose();
            timer = null;
        }

        activation.Remove(this);
        cancellation.Cancel();
    }

    protected abstract Task InvokeCallbackAsync(CancellationToken cancellationToken);

    private static void Validate(TimeSpan time, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)time.TotalMilliseconds, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, 0xfffffffe, name);
    }

    private void Fire()
    {
        lock (gate)
        {
            if (timer is null)
            {
                return;
            }

            firing = true;
        }

        var tick = new Tick(this) { TargetId = activation.GrainId, SourceId = activation.GrainId };
        tick.AddInvokeMethodOptions(InvokeMethodOptions.OneWay | (interleave ? InvokeMethodOptions.AlwaysInterleave : 0));
        activation.Receive(tick);
    }

    private async Task TickAsync()
    {
        try
        {
            changed = false;
            await InvokeCallbackAsync(cancellation.Token);
        }
        catch (Exception error)
        {
            // A tick that fails is told and does not stop the timer.
            activation.Silo.Log.TimerFailed(error, activation.GrainId);
            throw;
        }
        finally
        {
            lock (gate)
            {
                firing = false;
                timer?.Change(changed ? due : period, Timeout.InfiniteTimeSpan);
            }
        }
    }

    internal sealed class Tick(LocalGrainTimer timer) : TaskCall
    {
        public override MethodDescriptor Descriptor => TickMethod;

        public override bool IsLocalOnly => true;

        public override bool KeepsAlive => timer.keepAlive;

        protected override Task Call(object target) => timer.TickAsync();
    }
}

/// <summary>A timer with the state of its callback.</summary>
internal sealed class LocalGrainTimer<TState>(Activation activation, TimeProvider clock, Func<TState, CancellationToken, Task> callback, TState state, bool interleave, bool keepAlive)
    : LocalGrainTimer(activation, clock, interleave, keepAlive)
{
    protected override Task InvokeCallbackAsync(CancellationToken cancellationToken) => callback(state, cancellationToken);
}
