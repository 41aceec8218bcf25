using Orchestrator.Core.Scheduling.Preempting;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Scheduling;

/// <summary>What several rules ask alike during one plan is found once: the machine does not change while it is made.</summary>
internal sealed class PlanMemo
{
    private ShareBook? shares;
    private ProtectionBudget? protection;
    private DrainOrders? drain;

    /// <summary>That of the plan that the view is making; a new one for any other view.</summary>
    public static PlanMemo Of(ISchedulingView view) => view is SchedulingWorkspace { Memo: { } memo } ? memo : new();

    /// <summary>Nobody may change it: whoever counts on copies it.</summary>
    public ShareBook Shares(ISchedulingView view) => shares ??= ShareBook.Read(view);

    public ProtectionBudget Protection(ISchedulingView view) => protection ??= new(view.Nodes, view.Running, view.Settings.Protection);

    /// <summary>Who must leave for what is arranged.</summary>
    public DrainOrders Drain(ISchedulingView view, DateTimeOffset now) => drain ??= DrainPlanner.Find(view, Protection(view), now);
}
