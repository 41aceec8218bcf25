using System.Reflection;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Calls;

/// <summary>A call of a grain method: what filters see, and what the activation carries out.</summary>
internal sealed class GrainRequest(GrainMethod method, object?[] arguments) : IRequest
{
    private object? target;
    private CancellationTokenSource? cancellation;

    public GrainMethod GrainMethod => method;

    public InvokeMethodOptions Options { get; private set; } = method.Options;

    public bool IsCancellable => method.CancellationIndex >= 0;

    public void AddInvokeMethodOptions(InvokeMethodOptions options) => Options |= options;

    /// <summary>Gives the callee a token of its own, which the caller's token cancels.</summary>
    public CancellationTokenRegistration Link()
    {
        if (!IsCancellable || arguments[method.CancellationIndex] is not CancellationToken { CanBeCanceled: true } token)
        {
            return default;
        }

        cancellation = new CancellationTokenSource();
        arguments[method.CancellationIndex] = cancellation.Token;
        return token.UnsafeRegister(static state => ((GrainRequest)state!).TryCancel(), this);
    }

    public object? GetTarget() => target;

    public void SetTarget(ITargetHolder holder) =>
        target = holder.GetTarget() is { } instance && method.Method.DeclaringType!.IsInstanceOfType(instance) ? instance : holder.GetComponent(method.Method.DeclaringType!) ?? holder.GetTarget();

    public async ValueTask<Response> Invoke()
    {
        try
        {
            return await method.InvokeAsync(target!, arguments);
        }
        catch (Exception error)
        {
            return Response.FromException(error);
        }
    }

    public int GetArgumentCount() => IsCancellable ? arguments.Length - 1 : arguments.Length;

    public object? GetArgument(int index) => arguments[index];

    public void SetArgument(int index, object value) => arguments[index] = value;

    public string GetMethodName() => method.Method.Name;

    public string GetInterfaceName() => method.InterfaceName;

    public string GetActivityName() => $"{method.Method.DeclaringType!.Name}/{method.Method.Name}";

    public MethodInfo GetMethod() => method.Method;

    public Type GetInterfaceType() => method.Method.DeclaringType!;

    public TimeSpan? GetDefaultResponseTimeout() => method.ResponseTimeout;

    public CancellationToken GetCancellationToken() => IsCancellable && arguments[method.CancellationIndex] is CancellationToken token ? token : CancellationToken.None;

    public bool TryCancel()
    {
        if (cancellation is null)
        {
            return false;
        }

        cancellation.Cancel();
        return true;
    }

    public void Dispose() => target = null;
}
