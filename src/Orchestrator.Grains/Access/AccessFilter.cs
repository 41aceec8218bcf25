using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Options;
using Orchestrator.Abstractions.Access;
using Orchestrator.Core.Accounts;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Orchestrator.Grains.Access;

/// <summary>
/// Decides who may call a grain.
/// <list type="table">
/// <item><term>a grain, or a part of a silo</term><description>is the system: allowed.</description></item>
/// <item><term>the client inside a silo</term><description>is the gateway: the principal that it set is believed; without one the call is refused.</description></item>
/// <item><term>any other client</term><description>shows a token; what it says of its principal is thrown away.</description></item>
/// </list>
/// </summary>
internal sealed class AccessFilter(TokenVerifier tokens, IOptions<AccessOptions> options) : IIncomingGrainCallFilter
{
    private static readonly ConcurrentDictionary<MethodInfo, Role> RolesNeeded = new();

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!IsSystem(context))
        {
            var principal = await PrincipalOfAsync(context);
            var needed = RolesNeeded.GetOrAdd(context.InterfaceMethod, RoleNeeded);
            if (principal.Role < needed)
            {
                throw Denied(context, needed, $"{principal} is {principal.Role} and this needs {needed}");
            }

            CallerContext.Set(principal);
        }

        await context.Invoke();
    }

    private static bool IsSystem(IIncomingGrainCallContext context) =>
        context.TargetId.IsSystemTarget() || (context.SourceId is { } source && !source.IsClient()) || IsCancellation(context);

    /// <summary>A client gives up a call of its own: Orleans says so to the grain by another call, which carries nothing of the first one's context.</summary>
    private static bool IsCancellation(IIncomingGrainCallContext context) =>
        context.InterfaceMethod.DeclaringType?.FullName == "Orleans.Runtime.IGrainCallCancellationExtension"
        && context.Request.GetArgumentCount() > 0
        && context.Request.GetArgument(0) is GrainId caller
        && caller == context.SourceId;

    private async ValueTask<Principal> PrincipalOfAsync(IIncomingGrainCallContext context)
    {
        // The client inside a silo is named so by Orleans: "hosted-" and the silo's address.
        if (context.SourceId is { } source && source.Key.AsSpan().StartsWith("hosted-"u8))
        {
            return CallerContext.Principal ?? throw Denied(context, Role.Absent, "the silo's own client named no principal");
        }

        if (!options.Value.RequireToken)
        {
            return CallerContext.System;
        }

        return await tokens.VerifyAsync(RequestContext.Get(CallerKeys.Token) as string)
            ?? throw Denied(context, Role.Absent, $"a valid token is needed, in the request context under \"{CallerKeys.Token}\"");
    }

    private static Role RoleNeeded(MethodInfo method)
    {
        if (method.GetCustomAttribute<RequiresRoleAttribute>() is { } required)
        {
            return required.Role;
        }

        // What belongs to the engine (its management, its streams) is nobody's but an administrator's.
        return method.DeclaringType?.Assembly != typeof(RequiresRoleAttribute).Assembly ? Role.Administrator
            : method.IsDefined(typeof(ReadOnlyAttribute), false) ? Role.Viewer
            : Role.Submitter;
    }

    private static AccessDeniedException Denied(IIncomingGrainCallContext context, Role needed, string reason)
    {
        var call = $"{context.InterfaceMethod.DeclaringType?.Name}.{context.MethodName}";
        return new($"{call} was refused: {reason}.") { Call = call, Needed = needed };
    }
}
