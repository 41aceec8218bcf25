using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Forecasting.Completion;
using Orchestrator.Core.Reports;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Usage;

/// <summary>Asks the service for what a report of health is made of.</summary>
internal static class HealthSource
{
    public static async Task<(Report Report, ImmutableArray<HealthBreach> Breaches)> MakeAsync(CommandContext context, HealthLimits limits, CancellationToken cancellationToken)
    {
        using var client = context.Connect();
        var now = context.Clock.GetUtcNow();
        var windows = new List<WindowView>();
        await foreach (var window in client.ListWindowsAsync(cancellationToken))
        {
            windows.Add(window);
        }

        var simulations = new List<SimulationHealth>();
        var ratios = new List<double>();
        await foreach (var summary in client.ListSimulationsAsync(cancellationToken: cancellationToken))
        {
            var view = await client.GetSimulationAsync(summary.Id, cancellationToken);
            ratios.AddRange(view.Stages.Where(static stage => stage.Status == StageStatus.Completed && stage.StartedAt is not null && stage.EndedAt > stage.StartedAt && stage.BaselineDuration > TimeSpan.Zero).Select(static stage => (stage.EndedAt!.Value - stage.StartedAt!.Value) / stage.BaselineDuration));
            if (view.EndedAt is null)
            {
                simulations.Add(Of(view, await client.GetTimelineAsync(view.Id, withQueue: false, cancellationToken), windows, now));
            }
        }

        return HealthReporter.Make(simulations, ratios, limits, now);
    }

    private static SimulationHealth Of(SimulationView view, SimulationTimeline timeline, List<WindowView> windows, DateTimeOffset now)
    {
        var checkpoints = view.Stages.SelectMany(static stage => stage.Checkpoints).ToArray();
        var proven = checkpoints.Where(static checkpoint => checkpoint.Status == CheckpointStatus.Proven).MaxBy(static checkpoint => checkpoint.TakenAt);
        var running = view.Stages.Where(static stage => !stage.Nodes.IsDefaultOrEmpty).ToArray();

        // Of each stage that runs: since its newest intact checkpoint, or since its attempt began; the oldest of these is what a failure of all would cost.
        var safe = running.Select(static stage => stage.Checkpoints.Where(static checkpoint => checkpoint.Status is CheckpointStatus.Intact or CheckpointStatus.Proven).Select(static checkpoint => (DateTimeOffset?)checkpoint.TakenAt).Max()
            ?? (stage.RecentAttempts.IsDefaultOrEmpty ? null : stage.RecentAttempts[^1].StartedAt) ?? stage.StartedAt).Where(static moment => moment is not null).ToArray();
        var use = view.Use;
        var cores = use.WallTime > TimeSpan.Zero ? use.CoreTime / use.WallTime : 0;
        var end = timeline.End;
        var left = end.Expected > now ? (end.Expected - now).TotalHours : 0;
        var nodes = running.SelectMany(static stage => stage.Nodes).ToHashSet();
        return new SimulationHealth
        {
            Simulation = view.Id.Value,
            Campaign = view.Campaign,
            Status = view.Status.ToString().ToLowerInvariant(),
            Progress = view.Progress,
            ExpectedEnd = end.Expected,
            EarliestEnd = end.Earliest,
            LatestEnd = end.Latest,
            ProvenAt = proven?.TakenAt,
            Proven = proven?.Name ?? "",
            SafeSince = safe.Length == 0 ? null : safe.Min(),
            Cores = cores,
            CoreHoursLeft = cores * left,
            Windows =
            [
                .. windows.Where(window => !window.Window.IsOver && window.Window.End > now && (window.Window.Nodes.IsDefaultOrEmpty || window.Window.Nodes.Any(nodes.Contains))).Select(window => string.Create(
                    CultureInfo.InvariantCulture,
                    $"{window.Window.Id} from {window.Window.Start:yyyy-MM-dd HH:mm}{(window.Blockers.IsDefaultOrEmpty ? "" : $", blocked by {string.Join(", ", window.Blockers.Select(static blocker => blocker.Attempt.ToString()))}")}")),
            ],
        };
    }
}
