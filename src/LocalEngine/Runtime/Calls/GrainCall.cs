using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Orleans.Local;

/// <summary>One call on its way from caller to callee and back. The proxies emit one subclass for each method, with a field for each argument.</summary>
internal abstract class GrainCall : IRequest
{
    private int completed;
    private CancellationTokenSource? calleeCancellation;
    private CancellationTokenRegistration callerRegistration;

    // Links of the callee's queue and of the caller's set of open calls: no allocation beside the call itself.
    internal GrainCall? NextWaiting;
    internal GrainCall? PendingNext;
    internal GrainCall? PendingPrevious;
    internal PendingCalls.Stripe? PendingStripe;

    public abstract MethodDescriptor Descriptor { get; }

    public GrainId TargetId { get; set; }

    public GrainId SourceId { get; set; }

    public CallNode? Caller { get; set; }

    public Dictionary<string, object>? Context { get; set; }

    public InvokeMethodOptions Options { get; private set; }

    public CancellationToken CallerToken { get; set; }

    /// <summary>The time-out of the call, and the caller's timestamp when it ends.</summary>
    public TimeSpan Timeout { get; set; }

    public long Deadline { get; set; }

    public Activation? Callee { get; set; }

    public int ForwardCount { get; set; }

    /// <summary>Whether the call dies with its activation (timer ticks).</summary>
    public virtual bool IsLocalOnly => false;

    /// <summary>Whether the call counts as use of the grain.</summary>
    public virtual bool KeepsAlive => true;

    public bool IsOneWay => (Options & InvokeMethodOptions.OneWay) != 0;

    public bool IsReadOnly => (Options & InvokeMethodOptions.ReadOnly) != 0;

    public bool IsAlwaysInterleave => (Options & InvokeMethodOptions.AlwaysInterleave) != 0;

    public bool IsCompleted => Volatile.Read(ref completed) != 0;

    public Guid ReentrancyId => Context is { } values && values.TryGetValue(RequestContext.CallChainReentrancyHeader, out var id) && id is Guid guid ? guid : Guid.Empty;

    /// <summary>Whether the call could run beside another, so that a queue of it is worth a look while the grain is busy.</summary>
    public bool MayOvertake => (Options & (InvokeMethodOptions.AlwaysInterleave | InvokeMethodOptions.ReadOnly)) != 0 || ReentrancyId != Guid.Empty;

    public object? Target { get; set; }

    public bool IsCancellable => Descriptor.IsCancellable;

    public CancellationToken CalleeToken => calleeCancellation?.Token ?? CancellationToken.None;

    public void AddInvokeMethodOptions(InvokeMethodOptions options) => Options |= options;

    /// <summary>Makes the call on the instance and keeps its result, which is not yet the caller's.</summary>
    public abstract ValueTask RunAsync(object target);

    /// <summary>Gives the kept result to the caller.</summary>
    public abstract void Succeed();

    public abstract object? ResultObject { get; set; }

    protected abstract void FailCaller(Exception error);

    public void Fail(Exception error)
    {
        if (TryComplete())
        {
            FailCaller(error);
        }
    }

    /// <summary>Gives an error to the caller as it would arrive there: one that cannot be sent becomes another.</summary>
    public void FailFromCallee(Exception error)
    {
        try
        {
            error = TypeCopiers.Copy<Exception>(error);
        }
        catch (CodecNotFoundException notSerializable)
        {
            error = notSerializable;
        }

        Fail(error);
    }

    protected bool TryComplete()
    {
        if (Interlocked.Exchange(ref completed, 1) != 0)
        {
            return false;
        }

        PendingStripe?.Remove(this);
        if (CallerToken.CanBeCanceled)
        {
            callerRegistration.Unregister();
        }

        return true;
    }

    public void Begin(CallNode caller)
    {
        Caller = caller;
        AddInvokeMethodOptions(Descriptor.Options);
        Timeout = Descriptor.ResponseTimeout ?? caller.ResponseTimeout;
        if (CallerToken.CanBeCanceled)
        {
            calleeCancellation = new CancellationTokenSource();
        }
    }

    public void WatchCancellation()
    {
        if (CallerToken.CanBeCanceled)
        {
            callerRegistration = CallerToken.UnsafeRegister(static state => ((GrainCall)state!).OnCallerCancelled(), this);
            if (IsCompleted)
            {
                callerRegistration.Unregister();
            }
        }
    }

    private void OnCallerCancelled()
    {
        // The caller first: a callee that answers at once must not turn its cancellation into a result.
        if (!Caller!.WaitForCancellationAcknowledgement)
        {
            Fail(new OperationCanceledException(CallerToken));
        }

        TryCancel();
    }

    /// <summary>Cancels the callee's token, in a turn of the callee.</summary>
    public virtual bool TryCancel()
    {
        if (calleeCancellation is not { } cancellation)
        {
            return false;
        }

        if (Callee is { } callee)
        {
            callee.Scheduler.QueueAction(cancellation.Cancel);
        }
        else
        {
            cancellation.Cancel();
        }

        return true;
    }

    public object? GetTarget() => Target;

    public void SetTarget(ITargetHolder holder) => Target = holder.GetTarget();

    public async ValueTask<Response> Invoke()
    {
        try
        {
            await RunAsync(Target!);
            return Response.FromResult(ResultObject);
        }
        catch (Exception error)
        {
            return Response.FromException(error);
        }
    }

    public int GetArgumentCount() => Descriptor.ArgumentCount;

    public virtual object? GetArgument(int index) => throw new ArgumentOutOfRangeException(nameof(index));

    public virtual void SetArgument(int index, object value) => throw new ArgumentOutOfRangeException(nameof(index));

    public string GetMethodName() => Descriptor.Method.Name;

    public string GetInterfaceName() => Descriptor.InterfaceName;

    public string GetActivityName() => $"{Descriptor.InterfaceType.Name}/{Descriptor.Method.Name}";

    public MethodInfo GetMethod() => Descriptor.Method;

    public Type GetInterfaceType() => Descriptor.InterfaceType;

    public TimeSpan? GetDefaultResponseTimeout() => Descriptor.ResponseTimeout;

    public CancellationToken GetCancellationToken() => CalleeToken;

    public void Dispose() { }

    public override string ToString() => $"[{(SourceId.IsDefault ? "client" : SourceId)} -> {TargetId}] {GetActivityName()}";
}

/// <summary>A call with a result.</summary>
internal abstract class GrainCall<T> : GrainCall
{
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T result = default!;

    public Task<T> Answer => answer.Task;

    public override object? ResultObject { get => result; set => result = value is null ? default! : (T)value; }

    protected abstract ValueTask<T> RunTargetAsync(object target);

    public override ValueTask RunAsync(object target)
    {
        var running = RunTargetAsync(target);
        if (running.IsCompletedSuccessfully)
        {
            result = running.Result;
            return ValueTask.CompletedTask;
        }

        return Await(running);
    }

    public override void Succeed()
    {
        T copy;
        try
        {
            copy = Descriptor.ResultIsImmutable ? result : TypeCopiers.Copy(result);
        }
        catch (Exception notSerializable)
        {
            Fail(notSerializable);
            return;
        }

        if (TryComplete())
        {
            answer.TrySetResult(copy);
        }
    }

    protected override void FailCaller(Exception error)
    {
        if (error is OperationCanceledException cancelled && cancelled.CancellationToken == CallerToken && CallerToken.IsCancellationRequested)
        {
            answer.TrySetCanceled(CallerToken);
        }
        else
        {
            answer.TrySetException(error);
        }
    }

    private async ValueTask Await(ValueTask<T> running) => result = await running;
}

/// <summary>A call of a method that returns a task with a result.</summary>
internal abstract class TaskCall<T> : GrainCall<T>
{
    protected abstract Task<T> Call(object target);

    protected override ValueTask<T> RunTargetAsync(object target) => new(Call(target));

    public Task<T> Send(GrainProxy proxy) => proxy.Send(this) ? Answer : Task.FromResult<T>(default!);
}

/// <summary>A call of a method that returns a task.</summary>
internal abstract class TaskCall : GrainCall<object?>
{
    protected abstract Task Call(object target);

    protected override ValueTask<object?> RunTargetAsync(object target)
    {
        var task = Call(target);
        return task.IsCompletedSuccessfully ? default : Await(task);
    }

    public Task Send(GrainProxy proxy) => proxy.Send(this) ? Answer : Task.CompletedTask;

    private static async ValueTask<object?> Await(Task task)
    {
        await task;
        return null;
    }
}

/// <summary>A call of a method that returns a value task with a result.</summary>
internal abstract class ValueTaskCall<T> : GrainCall<T>
{
    protected abstract ValueTask<T> Call(object target);

    protected override ValueTask<T> RunTargetAsync(object target) => Call(target);

    public ValueTask<T> Send(GrainProxy proxy) => proxy.Send(this) ? new ValueTask<T>(Answer) : default;
}

/// <summary>A call of a method that returns a value task.</summary>
internal abstract class ValueTaskCall : GrainCall<object?>
{
    protected abstract ValueTask Call(object target);

    protected override ValueTask<object?> RunTargetAsync(object target)
    {
        var task = Call(target);
        return task.IsCompletedSuccessfully ? default : Await(task);
    }

    public ValueTask Send(GrainProxy proxy) => proxy.Send(this) ? new ValueTask(Answer) : default;

    private static async ValueTask<object?> Await(ValueTask task)
    {
        await task;
        return null;
    }
}

/// <summary>A call of a method without a result: observers only.</summary>
internal abstract class VoidCall : GrainCall<object?>
{
    protected abstract void Call(object target);

    protected override ValueTask<object?> RunTargetAsync(object target)
    {
        Call(target);
        return default;
    }

    public void Send(GrainProxy proxy) => proxy.Send(this);
}
