using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling.Hooks;

namespace Orchestrator.Grains.Clusters;

/// <summary>
/// The site's own say in the order of what waits. A cluster asks it beside its plans, at most one question at a time and not more often than <see cref="Every"/>; plans never wait for the answer:
/// the last one holds until the next is there. By default there is no hook.
/// </summary>
public interface IPriorityHook
{
    /// <summary>The least time from one question to the next; null: there is no hook, and nobody asks.</summary>
    TimeSpan? Every { get; }

    /// <summary>So many of the first that wait are told.</summary>
    int AttemptsMax { get; }

    /// <summary>Asks. It never throws but for the cancellation: what went wrong is logged, and stands in what it returns, with the last verdicts.</summary>
    /// <param name="cluster">Who asks.</param>
    /// <param name="question">What waits.</param>
    /// <param name="last">What it said before.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    Task<HookVerdicts> AskAsync(ClusterId cluster, HookQuestion question, HookVerdicts last, CancellationToken cancellationToken);
}
