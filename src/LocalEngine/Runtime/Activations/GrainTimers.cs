using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans.CodeGeneration;
using Orleans.Cluster;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Orleans.Timers;

namespace Orleans.Activations;

/// <summary>Makes the timers of a silo's grains, on the clock of grains.</summary>
internal sealed class TimerRegistry(LocalSilo silo) : ITimerRegistry
{
    public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        RegisterGrainTimer(grainContext, static (pair, _) => pair.callback(pair.state), (callback, state), new() { DueTime = dueTime, Period = period, Interleave = true });

    public IGrainTimer RegisterGrainTimer<TState>(IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer((Activation)grainContext, silo, token => callback(state, token), options);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }
}

/// <summary>A timer whose callbacks are turns. The next period begins when a callback has ended.</summary>
internal sealed partial class GrainTimer : IGrainTimer
{
    private readonly Lock gate = new();
    private readonly Activation activation;
    private readonly LocalSilo silo;
    private readonly Func<CancellationToken, Task> callback;
    private readonly GrainTimerCreationOptions options;
    private readonly CancellationTokenSource disposal = new();
    private readonly ITimer timer;
    private TimeSpan period;
    private bool isFiring;
    private bool isDisposed;
    private bool wasChanged;

    public GrainTimer(Activation activation, LocalSilo silo, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        this.activation = activation;
        this.silo = silo;
        this.callback = callback;
        this.options = options;
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            timer = silo.GrainClock.CreateTimer(static state => ((GrainTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        if (!activation.AddTimer(this))
        {
            Dispose();
        }
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed && !disposal.IsCancellationRequested, this);
            if (isDisposed)
            {
                return;
            }

            this.period = period;
            wasChanged = isFiring;
            timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }

            isDisposed = true;
        }

        disposal.Cancel();
        timer.Dispose();
        activation.RemoveTimer(this);
    }

    private void Fire()
    {
        lock (gate)
        {
            if (isDisposed || isFiring)
            {
                return;
            }

            isFiring = true;
            wasChanged = false;
        }

        var message = new Message(new TimerRequest(this, options.Interleave), activation.GrainId, activation, silo.Sender, Timeout.InfiniteTimeSpan);
        if (!activation.TryReceive(message))
        {
            Dispose();
        }
    }

    private async ValueTask<Response> RunAsync()
    {
        try
        {
            if (!isDisposed)
            {
                await callback(disposal.Token);
            }

            return Response.Completed;
        }
        catch (Exception error)
        {
            // A timer goes on: its next callback may succeed.
            if (!disposal.IsCancellationRequested)
            {
                LogFailed(silo.Logger, error, activation.GrainId);
            }

            return Response.FromException(error);
        }
        finally
        {
            lock (gate)
            {
                isFiring = false;
                if (!isDisposed && !wasChanged && period != Timeout.InfiniteTimeSpan)
                {
                    timer.Change(period > TimeSpan.Zero ? period : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A timer callback of grain {GrainId} failed.")]
    private static partial void LogFailed(ILogger logger, Exception error, GrainId grainId);

    /// <summary>A callback as call filters see it.</summary>
    private interface IGrainTimerInvoker
    {
        Task InvokeCallbackAsync(CancellationToken cancellationToken);
    }

    private sealed class TimerRequest(GrainTimer timer, bool interleave) : IRequest
    {
        private static readonly MethodInfo Callback = typeof(IGrainTimerInvoker).GetMethod(nameof(IGrainTimerInvoker.InvokeCallbackAsync))!;

        public InvokeMethodOptions Options { get; private set; } = InvokeMethodOptions.OneWay | (interleave ? InvokeMethodOptions.AlwaysInterleave : InvokeMethodOptions.None);

        public bool IsCancellable => false;

        public void AddInvokeMethodOptions(InvokeMethodOptions options) => Options |= options;

        public object GetTarget() => timer;

        public void SetTarget(ITargetHolder holder)
        {
            // The timer is its own target.
        }

        public ValueTask<Response> Invoke() => timer.RunAsync();

        public int GetArgumentCount() => 0;

        public object GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index));

        public void SetArgument(int index, object value) => throw new ArgumentOutOfRangeException(nameof(index));

        public string GetMethodName() => Callback.Name;

        public string GetInterfaceName() => "Orleans.Runtime.IGrainTimerInvoker";

        public string GetActivityName() => $"{nameof(IGrainTimerInvoker)}/{Callback.Name}";

        public MethodInfo GetMethod() => Callback;

        public Type GetInterfaceType() => typeof(IGrainTimerInvoker);

        public TimeSpan? GetDefaultResponseTimeout() => null;

        public CancellationToken GetCancellationToken() => CancellationToken.None;

        public bool TryCancel() => false;

        public void Dispose()
        {
        }
    }
}
