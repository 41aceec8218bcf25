using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orleans.Runtime;

namespace Orchestrator.Grains.Faults;

/// <summary>
/// Lets only those exceptions out of a grain that its callers can read: ours, the engine's and cancellation, with causes that can be read too. Any other becomes a
/// <see cref="GrainFaultException"/>, and is logged with its stack here, where it is known.
/// </summary>
internal sealed class FaultFilter(ILogger<FaultFilter> logger) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception thrown)
        {
            // The engine wraps what grain storage throws; whether it may pass is known by ours alone.
            var error = thrown is OrleansException { InnerException: OrchestratorException ours } ? ours : thrown;
            if (error is OrchestratorException or OrleansException or OperationCanceledException && CanBeRead(error.InnerException))
            {
                ExceptionDispatchInfo.Throw(error);
            }

            var grain = context.TargetId.ToString();
            var call = $"{context.InterfaceMethod?.DeclaringType?.Name}.{context.MethodName}";
            FaultFilterLog.GrainFailed(logger, grain, call, error);
            throw new GrainFaultException($"{call} of {grain} failed: {error.Message}")
            {
                Grain = grain,
                Call = call,
                Fault = error.GetType().FullName ?? error.GetType().Name,
                MayPass = error is TimeoutException or IOException or OrleansException or OrchestratorException { IsTransient: true },
            };
        }
    }

    /// <summary>Orleans sends a cause along, and fails where it has no serializer for it: for errors of libraries, as those of database clients.</summary>
    private static bool CanBeRead(Exception? cause)
    {
        for (; cause is not null; cause = cause.InnerException)
        {
            var type = cause.GetType();
            if (!type.IsDefined(typeof(GenerateSerializerAttribute), false)
                && type.Namespace is not ("System" or "Microsoft")
                && type.Namespace?.StartsWith("System.", StringComparison.Ordinal) != true
                && type.Namespace?.StartsWith("Microsoft.", StringComparison.Ordinal) != true)
            {
                return false;
            }
        }

        return true;
    }
}
