using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;

namespace Orleans.Local;

/// <summary>What makes calls: a silo or a client.</summary>
internal abstract class CallNode : IDisposable
{
    private readonly PendingCalls pending;
    private readonly Lazy<IOutgoingGrainCallFilter[]> outgoingFilters;
    private readonly MessagingOptions messaging;

    protected CallNode(IServiceProvider services, MessagingOptions messaging, GrainId clientId)
    {
        Services = services;
        ClientId = clientId;
        this.messaging = messaging;
        pending = new PendingCalls(services.ClockOf(TimeProviderNames.Messaging));
        outgoingFilters = new(() => [.. services.GetServices<IOutgoingGrainCallFilter>()]);
        Factory = new LocalGrainFactory(this);
    }

    public IServiceProvider Services { get; }

    public LocalGrainFactory Factory { get; }

    /// <summary>Who calls when no grain does.</summary>
    public GrainId ClientId { get; }

    public abstract LocalCluster Cluster { get; }

    public TimeSpan ResponseTimeout => messaging.ResponseTimeout;

    public bool CancelRequestOnTimeout => messaging.CancelRequestOnTimeout;

    public bool WaitForCancellationAcknowledgement => messaging.WaitForCancellationAcknowledgement;

    public bool Send(GrainCall call, GrainProxy proxy, Activation? source)
    {
        call.Begin(this);
        if (outgoingFilters.Value is { Length: > 0 } filters)
        {
            return SendThroughFilters(call, proxy, source, filters);
        }

        Dispatch(call, proxy, source);
        return !call.IsOneWay;
    }

    public void FailPending(Func<GrainCall, Exception> error) => pending.FailAll(error);

    public virtual void Dispose() => pending.Dispose();

    private void Dispatch(GrainCall call, GrainProxy proxy, Activation? source)
    {
        call.TargetId = proxy.GrainId;
        call.SourceId = source?.GrainId ?? ClientId;
        call.Context = RequestContext.Current is { } values ? CopyOf(values) : null;
        if (call.CallerToken.IsCancellationRequested)
        {
            call.Fail(new OperationCanceledException(call.CallerToken));
            return;
        }

        if (!call.IsOneWay)
        {
            pending.Add(call);
            call.WatchCancellation();
        }

        if (proxy.LastCallee is { } last && last.Receive(call))
        {
            return;
        }

        try
        {
            proxy.LastCallee = Cluster.Deliver(call, this);
        }
        catch (Exception error)
        {
            call.Fail(error);
        }
    }

    // Values are copied as arguments are, so that nobody shares them.
    private static Dictionary<string, object> CopyOf(Dictionary<string, object> values)
    {
        var copy = new Dictionary<string, object>(values.Count);
        foreach (var (key, value) in values)
        {
            copy.Add(key, TypeCopiers.Copy(value));
        }

        return copy;
    }

    private bool SendThroughFilters(GrainCall call, GrainProxy proxy, Activation? source, IOutgoingGrainCallFilter[] filters)
    {
        var context = new OutgoingCall(this, call, proxy, source, filters);
        var inner = context.BeginAsync();
        return !call.IsOneWay && inner;
    }

    private sealed class OutgoingCall(CallNode node, GrainCall call, GrainProxy proxy, Activation? source, IOutgoingGrainCallFilter[] filters) : IOutgoingGrainCallContext
    {
        private readonly OutgoingAnswer answer = new(call);
        private int stage;

        public IInvokable Request => call;

        public object Grain => proxy;

        public GrainId? SourceId => source?.GrainId;

        public GrainId TargetId => proxy.GrainId;

        public GrainInterfaceType InterfaceType => call.Descriptor.Interface;

        public string InterfaceName => call.Descriptor.InterfaceName;

        public string MethodName => call.Descriptor.Method.Name;

        public System.Reflection.MethodInfo InterfaceMethod => call.Descriptor.Method;

        public IGrainContext? SourceContext => source;

        public object? Result
        {
            get => Response?.Result;
            set => Response = Response.FromResult(value);
        }

        public Response? Response { get; set; }

        public bool BeginAsync()
        {
            _ = RunAsync();
            return true;
        }

        public async Task Invoke()
        {
            if (stage < filters.Length)
            {
                await filters[stage++].Invoke(this);
                return;
            }

            node.Dispatch(answer.Inner, proxy, source);
            if (call.IsOneWay)
            {
                return;
            }

            // The filters stand between the answer and the caller.
            try
            {
                Response = Response.FromResult(await answer.Task);
            }
            catch (Exception error)
            {
                Response = Response.FromException(error);
                throw;
            }
        }

        private async Task RunAsync()
        {
            try
            {
                await Invoke();
                if (Response?.Exception is { } error)
                {
                    call.Fail(error);
                }
                else if (!call.IsOneWay)
                {
                    call.ResultObject = Response?.Result;
                    call.Succeed();
                }
            }
            catch (Exception error)
            {
                call.Fail(error);
            }
        }
    }
}
