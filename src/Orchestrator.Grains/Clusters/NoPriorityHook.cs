using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Hooks;

namespace Orchestrator.Grains.Clusters;

/// <summary>No hook: nothing is ever asked.</summary>
internal sealed class NoPriorityHook : IPriorityHook
{
    public TimeSpan? Every => null;

    public int AttemptsMax => 1;

    public Task<HookVerdicts> AskAsync(ClusterId cluster, HookQuestion question, HookVerdicts last, CancellationToken cancellationToken) => Task.FromResult(last);
}
