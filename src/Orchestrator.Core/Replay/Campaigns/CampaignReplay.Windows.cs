using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;

namespace Orchestrator.Core.Replay.Campaigns;

public sealed partial class CampaignReplay
{
    private readonly Dictionary<string, MaintenanceWindow> windows;

    private bool IsAnyWindowBlocked => windows.Values.Any(static window => window.Status == WindowStatus.Blocked);

    private void AddWindows()
    {
        Arrange();
        ArmWindows();
    }

    private void ArmWindows()
    {
        if (WindowPlanner.NextChange(windows.Values, At(Math.Max(0, events.Now))) is { } next)
        {
            Add(Math.Max(Math.Max(0, events.Now), TicksOf(next)), HappeningKind.WindowEdge, 0);
        }
    }

    private void PassWindows()
    {
        var problem = new SchedulingProblem { Nodes = [.. nodes], Running = [.. workspace.Running], Context = workspace.Context };
        var changed = WindowPlanner.Tick(problem, windows.Values, script.Settings, At(Now));
        if (changed.IsEmpty)
        {
            return;
        }

        foreach (var window in changed)
        {
            if (window.Status == WindowStatus.Active && windows[window.Id].Status is WindowStatus.Pending or WindowStatus.Blocked && window.StartedAt is { } started)
            {
                tally.WindowsDelayed.Add((window.Id, (started - script.Windows.First(asked => asked.Id == window.Id).Start).Ticks));
            }

            windows[window.Id] = window;
        }

        for (var number = 0; number < nodes.Length; number++)
        {
            var id = nodes[number].Id;
            hours.SetWindow(number, windows.Values.Any(window => window.Status is WindowStatus.Active or WindowStatus.Blocked && window.Covers(id)), Now);
        }

        Arrange();
        ArmWindows();
        AskForPlan(Now);
    }

    private void Arrange() => workspace.SetContext(workspace.Context with { Windows = [.. windows.Values.Where(static window => !window.IsOver).OrderBy(static window => window.Id, StringComparer.Ordinal)] });

    /// <summary>Right after a checkpoint, protected work may be moved out of the way of a window that is near.</summary>
    private bool IsWindowNear(ReplayedWork work)
    {
        foreach (var window in windows.Values)
        {
            if (window.Status is WindowStatus.Pending or WindowStatus.Blocked && window.Severity == WindowSeverity.Major && At(Now) >= window.Start - script.Settings.Protection.RelocateAhead
                && Array.Exists(work.Nodes, node => window.Covers(nodes[node].Id)))
            {
                return true;
            }
        }

        return false;
    }
}
