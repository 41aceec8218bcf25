using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Calls;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Cluster;

/// <summary>Sends the calls of one silo or client, and ends those that wait too long.</summary>
internal sealed class CallSender : ICallSender, IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly Task<Response> Sent = Task.FromResult(Response.Completed);

    private readonly ConcurrentDictionary<long, Message> pending = new();
    private readonly IReadOnlyList<IOutgoingGrainCallFilter> filters;
    private readonly MessagingOptions options;
    private readonly TimeProvider clock;
    private readonly ITimer sweep;
    private long lastId;
    private volatile Exception? closed;

    public CallSender(LocalCluster cluster, IServiceProvider services, MessagingOptions options, LocalSilo? silo)
    {
        Cluster = cluster;
        Silo = silo;
        this.options = options;
        filters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        clock = services.GetKeyedService<TimeProvider>(TimeProviderNames.Messaging) ?? TimeProvider.System;
        Factory = new GrainFactory(this);
        sweep = clock.CreateTimer(static state => ((CallSender)state!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    public LocalCluster Cluster { get; }

    public LocalSilo? Silo { get; }

    public GrainFactory Factory { get; }

    IGrainFactory ICallSender.Factory => Factory;

    public Task<Response> SendAsync(GrainReference target, GrainMethod method, object?[] arguments)
    {
        try
        {
            var request = new GrainRequest(method, method.CopyArguments(arguments));
            if (filters.Count == 0)
            {
                return Dispatch(target.GrainId, request, RuntimeContext.Current);
            }

            return FilterAsync(target, request);
        }
        catch (Exception error)
        {
            return Task.FromException<Response>(error);
        }
    }

    public Task<Response> Dispatch(GrainId target, IInvokable request, IGrainContext? source)
    {
        if (closed is { } reason)
        {
            return Task.FromException<Response>(reason);
        }

        var callerToken = request.GetCancellationToken();
        callerToken.ThrowIfCancellationRequested();
        (request as GrainRequest)?.Link();
        var message = new Message(request, target, source, this, request.GetDefaultResponseTimeout() ?? options.ResponseTimeout);
        if (message.IsOneWay)
        {
            Cluster.Deliver(message);
            return Sent;
        }

        message.Id = Interlocked.Increment(ref lastId);
        message.Deadline = clock.GetTimestamp() + (long)(message.Timeout.TotalSeconds * clock.TimestampFrequency);
        pending[message.Id] = message;
        if (callerToken.CanBeCanceled)
        {
            message.CancelWith(callerToken);
        }

        Cluster.Deliver(message);
        return message.Task;
    }

    public void Forget(Message message) => pending.TryRemove(message.Id, out _);

    /// <summary>The silo was killed, or the client stopped: nothing is sent or waited for any more.</summary>
    public void Close(Exception reason, bool failPending)
    {
        closed = reason;
        sweep.Dispose();
        if (failPending)
        {
            foreach (var message in pending.Values)
            {
                message.Fail(reason);
            }
        }

        pending.Clear();
    }

    public void Dispose() => sweep.Dispose();

    private async Task<Response> FilterAsync(GrainReference target, GrainRequest request)
    {
        var source = RuntimeContext.Current;
        var call = new OutgoingCall(request, target, source, filters, () => new ValueTask<Response>(Dispatch(target.GrainId, request, source)));
        await call.Invoke();
        return call.Response ?? Response.Completed;
    }

    private void Sweep()
    {
        var now = clock.GetTimestamp();
        foreach (var message in pending.Values)
        {
            if (message.Deadline <= now)
            {
                if (options.CancelRequestOnTimeout)
                {
                    message.Request.TryCancel();
                }

                message.Fail(new TimeoutException($"Response did not arrive on time in {message.Timeout} for message: {message}."));
            }
        }
    }
}
