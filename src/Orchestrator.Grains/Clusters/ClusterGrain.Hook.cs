using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Hooks;
using Orchestrator.Core.Scheduling.Order;
using Orleans.Runtime;

namespace Orchestrator.Grains.Clusters;

/// <summary>The site's hook is asked beside the plans: while it thinks, calls and plans go on, and its answer is an input like any other.</summary>
internal sealed partial class ClusterGrain
{
    /// <summary>One question at a time: a timer's next tick counts from the end of the one before.</summary>
    private void ArmHook()
    {
        var hook = ServiceProvider.GetRequiredService<IPriorityHook>();
        if (hook.Every is { } every)
        {
            this.RegisterGrainTimer(cancellationToken => AskHookAsync(hook, cancellationToken), new GrainTimerCreationOptions(every, every) { KeepAlive = true, Interleave = true });
        }
    }

    private async Task AskHookAsync(IPriorityHook hook, CancellationToken cancellationToken)
    {
        var state = store.State;
        if (isLost || state.Queue.IsEmpty)
        {
            return;
        }

        var (settings, now) = (planner.Settings, clock.GetUtcNow());
        var question = await plans.RunAsync(
            () =>
            {
                // As it would be without what the hook said before, or its own numbers would come back to it.
                var problem = ClusterPlanning.Problem(state);
                var ranked = new MultifactorOrder().Rank(new SnapshotView(problem with { Context = problem.Context with { Hook = HookVerdicts.None } }, settings), now);
                return HookQuestion.Of(ranked, now, hook.AttemptsMax);
            },
            cancellationToken);
        var said = await hook.AskAsync(new ClusterId(Key), question, state.Hook, cancellationToken);
        if (!isLost)
        {
            await StepAsync(new ClusterInput.HookSaid(said));
        }
    }

    private sealed class SnapshotView(SchedulingProblem problem, SchedulingSettings settings) : ISchedulingView
    {
        public IReadOnlyCollection<SchedulableNode> Nodes => problem.Nodes;

        public IReadOnlyCollection<RunningLease> Running => problem.Running;

        public IReadOnlyCollection<PendingRequest> Pending => problem.Pending;

        public SchedulingContext Context => problem.Context;

        public SchedulingSettings Settings => settings;
    }
}
