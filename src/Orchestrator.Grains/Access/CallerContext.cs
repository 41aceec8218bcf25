using Orchestrator.Abstractions.Access;
using Orchestrator.Core.Accounts;
using Orleans.Runtime;

namespace Orchestrator.Grains.Access;

/// <summary>Who makes the present call. Whoever calls from inside the silo sets it; in a grain it was checked by the access filter.</summary>
public static class CallerContext
{
    /// <summary>The silo itself: what it does at its start and in the background.</summary>
    public static Principal System { get; } = new() { User = "system", Role = Role.Administrator };

    /// <summary>Who calls; null when the system does: another grain, a reminder, a timer.</summary>
    public static Principal? Principal => RequestContext.Get(CallerKeys.Principal) as Principal;

    /// <summary>Calls of the present flow are made for <paramref name="principal"/> from here on.</summary>
    public static void Set(Principal principal) => RequestContext.Set(CallerKeys.Principal, principal);
}
