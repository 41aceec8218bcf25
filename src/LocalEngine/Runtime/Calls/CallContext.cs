using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Calls;

/// <summary>A call on its way through filters, to what carries it out.</summary>
internal abstract class CallContext(IInvokable request, object grain, GrainId? sourceId, GrainId targetId) : IGrainCallContext
{
    private int next;

    public IInvokable Request => request;

    public object Grain => grain;

    public GrainId? SourceId => sourceId;

    public GrainId TargetId => targetId;

    public GrainInterfaceType InterfaceType => request is GrainRequest call ? call.GrainMethod.InterfaceType : default;

    public string InterfaceName => request.GetInterfaceName();

    public string MethodName => request.GetMethodName();

    public MethodInfo InterfaceMethod => request.GetMethod();

    public Response? Response { get; set; }

    public object? Result
    {
        get => Response?.Result;
        set => Response = Response.FromResult(value);
    }

    protected abstract int FilterCount { get; }

    public async Task Invoke()
    {
        var index = next++;
        if (index < FilterCount)
        {
            await InvokeFilterAsync(index);
            return;
        }

        Response = await CarryOutAsync();
        if (Response.Exception is { } error)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        }
    }

    protected abstract Task InvokeFilterAsync(int index);

    protected abstract ValueTask<Response> CarryOutAsync();
}

/// <summary>A call that arrives: through the silo's filters, then the grain's own.</summary>
internal sealed class IncomingCall(IInvokable request, IGrainContext target, GrainId? sourceId, IReadOnlyList<IIncomingGrainCallFilter> filters)
    : CallContext(request, target.GrainInstance!, sourceId, target.GrainId), IIncomingGrainCallContext
{
    private static readonly ConcurrentDictionary<(Type, MethodInfo), MethodInfo> Implementations = new();
    private readonly IIncomingGrainCallFilter? own = target.GrainInstance as IIncomingGrainCallFilter;

    public IGrainContext TargetContext => target;

    public MethodInfo ImplementationMethod => Implementations.GetOrAdd((Grain.GetType(), InterfaceMethod), static pair =>
    {
        if (!pair.Item2.DeclaringType!.IsAssignableFrom(pair.Item1))
        {
            return pair.Item2;
        }

        var map = pair.Item1.GetInterfaceMap(pair.Item2.DeclaringType);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, pair.Item2)];
    });

    protected override int FilterCount => filters.Count + (own is null ? 0 : 1);

    protected override Task InvokeFilterAsync(int index) => (index < filters.Count ? filters[index] : own!).Invoke(this);

    protected override ValueTask<Response> CarryOutAsync() => Request.Invoke();
}

/// <summary>A call that is made: through the filters of the silo or client.</summary>
internal sealed class OutgoingCall(IInvokable request, GrainReference target, IGrainContext? source, IReadOnlyList<IOutgoingGrainCallFilter> filters, Func<ValueTask<Response>> send)
    : CallContext(request, target, source?.GrainId, target.GrainId), IOutgoingGrainCallContext
{
    public IGrainContext? SourceContext => source;

    protected override int FilterCount => filters.Count;

    protected override Task InvokeFilterAsync(int index) => filters[index].Invoke(this);

    protected override ValueTask<Response> CarryOutAsync() => send();
}

internal sealed class IncomingFilter(IncomingGrainCallFilterDelegate filter) : IIncomingGrainCallFilter
{
    public Task Invoke(IIncomingGrainCallContext context) => filter(context);
}

internal sealed class OutgoingFilter(OutgoingGrainCallFilterDelegate filter) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) => filter(context);
}
