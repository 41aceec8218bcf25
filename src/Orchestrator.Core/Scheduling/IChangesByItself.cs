namespace Orchestrator.Core.Scheduling;

/// <summary>A rule, order or planner whose answer changes as time passes although nothing happens. Those that are stepwise say so, so that the next plan is not late.</summary>
public interface IChangesByItself
{
    /// <summary>The next moment after <paramref name="now"/> at which its answer may differ; null: none.</summary>
    DateTimeOffset? NextChange(ISchedulingView view, DateTimeOffset now);
}
