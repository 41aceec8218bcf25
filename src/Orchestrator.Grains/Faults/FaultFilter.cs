using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orleans.Runtime;

namespace Orchestrator.Grains.Faults;

/// <summary>
/// Lets only those exceptions out of a grain that its callers can read: ours, the engine's and cancellation. Any other becomes a <see cref="GrainFaultException"/>, and is
/// logged with its stack here, where it is known.
/// </summary>
internal sealed class FaultFilter(ILogger<FaultFilter> logger) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (OrleansException error) when (error.InnerException is OrchestratorException ours)
        {
            // The engine wraps what grain storage throws; whether it may pass is known by ours alone.
            ExceptionDispatchInfo.Throw(ours);
        }
        catch (Exception error) when (error is not (OrchestratorException or OrleansException or OperationCanceledException))
        {
            var grain = context.TargetId.ToString();
            var call = $"{context.InterfaceMethod?.DeclaringType?.Name}.{context.MethodName}";
            FaultFilterLog.GrainFailed(logger, grain, call, error);
            throw new GrainFaultException($"{call} of {grain} failed: {error.Message}")
            {
                Grain = grain,
                Call = call,
                Fault = error.GetType().FullName ?? error.GetType().Name,
                MayPass = error is TimeoutException or IOException,
            };
        }
    }
}
