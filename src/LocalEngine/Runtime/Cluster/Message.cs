using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Cluster;

/// <summary>A call under way: who makes it, whom it is for, and who waits for its outcome.</summary>
internal sealed class Message(IInvokable request, GrainId target, IGrainContext? source, CallSender sender, TimeSpan timeout)
{
    private readonly TaskCompletionSource<Response> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration cancellation;

    public IInvokable Request => request;

    public GrainId Target => target;

    public IGrainContext? Source => source;

    public CallSender Sender => sender;

    public TimeSpan Timeout => timeout;

    public long Id { get; set; }

    public long Deadline { get; set; }

    public int Forwards { get; set; }

    public Dictionary<string, object>? RequestContext { get; } = Runtime.RequestContext.Current;

    public InvokeMethodOptions Options { get; } = (request as IRequest)?.Options ?? InvokeMethodOptions.None;

    public bool IsOneWay => (Options & InvokeMethodOptions.OneWay) != 0;

    public bool IsReadOnly => (Options & InvokeMethodOptions.ReadOnly) != 0;

    public bool IsAlwaysInterleave => (Options & InvokeMethodOptions.AlwaysInterleave) != 0;

    public Task<Response> Task => completion.Task;

    /// <summary>Whether nobody waits any more.</summary>
    public bool IsOver => !IsOneWay && completion.Task.IsCompleted;

    /// <summary>A cancelled caller waits no longer; the callee learns it by its token.</summary>
    public void CancelWith(CancellationToken token) => cancellation = token.UnsafeRegister(static (state, token) =>
    {
        var message = (Message)state!;
        message.Request.TryCancel();
        message.Sender.Forget(message);
        message.completion.TrySetCanceled(token);
    }, this);

    public void Reply(Response response)
    {
        if (response.Exception is { } error)
        {
            Fail(error);
        }
        else if (Leave())
        {
            completion.TrySetResult(response);
        }
    }

    public void Fail(Exception error)
    {
        if (Leave())
        {
            completion.TrySetException(error);
            _ = completion.Task.Exception;
        }
    }

    private bool Leave()
    {
        cancellation.Dispose();
        sender.Forget(this);
        return !IsOneWay;
    }

    public override string ToString() => $"{request.GetInterfaceName()}.{request.GetMethodName()} of {target}";
}
