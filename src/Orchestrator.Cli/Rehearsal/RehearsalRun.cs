using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Demo;
using Orchestrator.Client;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Rehearsal;

/// <summary>
/// Runs the program twice under a silo and an agent of its own: once undisturbed, and once with all that months bring: asked for a checkpoint, killed, restored, asked to
/// leave, and gone on with. What came out is compared.
/// </summary>
internal sealed class RehearsalRun : IDisposable
{
    private const string Node = "rehearsal";

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Of one node, as the silo believes beforehand, too.</summary>
    private static readonly TimeSpan BetweenFailures = SimulationPolicy.Default.MeanTimeBetweenFailures;

    private readonly RehearsalPlan plan;
    private readonly string folder, data;
    private readonly TimeSpan minutes;
    private readonly double tolerance;
    private readonly TimeProvider clock;
    private readonly Action<string> tell;
    private readonly DemoProcesses processes;
    private readonly OrchestratorClient client;
    private readonly List<RehearsalFinding> findings = [];
    private readonly long began;

    /// <param name="plan">What is rehearsed.</param>
    /// <param name="folder">An empty folder, which the caller removes.</param>
    /// <param name="minutes">How long it may take altogether.</param>
    /// <param name="tolerance">Differences of numbers that are no matter.</param>
    /// <param name="clock">Measures.</param>
    /// <param name="tell">Is told what happens.</param>
    public RehearsalRun(RehearsalPlan plan, string folder, TimeSpan minutes, double tolerance, TimeProvider clock, Action<string> tell)
    {
        (this.plan, this.folder, this.minutes, this.tolerance, this.clock, this.tell) = (plan, folder, minutes, tolerance, clock, tell);
        data = Path.Combine(folder, "data");
        Directory.CreateDirectory(data);
        processes = new(data, folder);
        client = OrchestratorClient.ForDirectory(data, new() { RetryUnreachableFor = TimeSpan.FromSeconds(30) });
        began = clock.GetTimestamp();
    }

    private TimeSpan Left => minutes - clock.GetElapsedTime(began);

    private string Target => plan.Stage.Name;

    /// <exception cref="CommandException">The silo or the agent does not run.</exception>
    public async Task<RehearsalReport> RunAsync(string campaign, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        var (calm, work) = await UndisturbedAsync(cancellationToken);
        StageView? rough = null;
        if (work is { } time)
        {
            rough = await DisturbedAsync(time, cancellationToken);
        }

        var files = work is null || rough is null ? [] : Compare(calm, rough);
        return Report(campaign, rough ?? calm, files);
    }

    public void Dispose()
    {
        client.Dispose();
        processes.Dispose();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        processes.StartSelf("up", ["up", "--data", data], DemoSettings.Silo);
        processes.StartSelf(
            "agent",
            [
                "agent", "--data", data, "--node", Node, "--cores", plan.Cores.ToString(CultureInfo.InvariantCulture), "--memory", (plan.Memory >> 20).ToString(CultureInfo.InvariantCulture) + "M",
            ],
            new Dictionary<string, string>());
        try
        {
            await client.GetStatusAsync(cancellationToken);
        }
        catch (OrchestratorClientException fault) when (fault.IsUnreachable)
        {
            throw new CommandException(processes.Ended(["up", "agent"]) ?? fault.Message, ExitCodes.NotFound);
        }
    }

    /// <summary>Runs to its end or for a third of the time. The work is null when nothing can be rehearsed.</summary>
    private async Task<(StageView Stage, TimeSpan? Work)> UndisturbedAsync(CancellationToken cancellationToken)
    {
        var simulation = plan.Simulation("calm");
        tell($"running {Target} undisturbed{(plan.Stages.Length > 1 ? ", after the stages that it needs" : "")}…");
        await client.SubmitAsync(simulation, cancellationToken: cancellationToken);
        var (view, stage) = await WaitAsync(simulation.Id, static (view, stage) => stage.StartedAt is not null || IsOver(view), Left, cancellationToken);
        if (stage.StartedAt is null)
        {
            Find("undisturbed", false, $"it did not start: {Why(view, stage)}");
            return (stage, null);
        }

        (view, stage) = await WaitAsync(simulation.Id, static (view, _) => IsOver(view), minutes / 3, cancellationToken);
        var ran = (stage.EndedAt ?? clock.GetUtcNow()) - (stage.StartedAt ?? clock.GetUtcNow());
        switch (view.Status)
        {
            case SimulationStatus.Completed when ran < TimeSpan.FromSeconds(1):
                Find("undisturbed", false, $"an undisturbed run takes {DurationWords.Of(ran)}: too short to be disturbed");
                return (stage, null);
            case SimulationStatus.Completed:
                Find("undisturbed", true, $"an undisturbed run takes {DurationWords.Of(ran)}");
                return (stage, ran);
            case SimulationStatus.Failed or SimulationStatus.Cancelled:
                Find("undisturbed", false, $"the undisturbed run failed: {Why(view, stage)}");
                return (stage, null);
            default:
                // Its checkpoints stay, to be compared; it is told to go at once.
                await client.ControlAsync(simulation.Id, SimulationVerb.Cancel, "the time of the rehearsal is short", cancellationToken: cancellationToken);
                (_, stage) = await WaitAsync(simulation.Id, static (view, _) => IsOver(view), Patience, cancellationToken);
                Find("undisturbed", true, $"an undisturbed run takes longer than {DurationWords.Of(ran)}, the time for it here; checkpoints of the same step are compared instead of ends");
                return (stage, ran);
        }
    }

    private async Task<StageView> DisturbedAsync(TimeSpan work, CancellationToken cancellationToken)
    {
        var simulation = plan.Simulation("rough");
        tell($"running {Target} again, to be disturbed…");
        await client.SubmitAsync(simulation, cancellationToken: cancellationToken);
        var id = simulation.Id;
        await WaitAsync(id, (view, stage) => Runs(stage, 1) || IsOver(view), Left, cancellationToken);
        await Task.Delay(work / 5, clock, cancellationToken);
        await CheckpointAsync(id, work, cancellationToken);
        await Task.Delay(work / 10, clock, cancellationToken);
        if (await KillAsync(id, cancellationToken))
        {
            await Task.Delay(work / 10, clock, cancellationToken);
            await LeaveAsync(id, cancellationToken);
        }

        var (view, stage) = await WaitAsync(id, static (view, _) => IsOver(view), Shorter(Left, (work * 4) + Patience), cancellationToken);
        if (view.Status is SimulationStatus.Failed or SimulationStatus.Cancelled)
        {
            Find("result", false, $"after the disturbances it failed: {Why(view, stage)}");
        }

        return stage;
    }

    private async Task CheckpointAsync(SimulationId id, TimeSpan work, CancellationToken cancellationToken)
    {
        var (view, before) = await LookAsync(id, cancellationToken);
        if (IsOver(view))
        {
            return;
        }

        tell("asking for a checkpoint…");
        await client.ControlAsync(id, SimulationVerb.Checkpoint, "rehearsal", cancellationToken: cancellationToken);
        var (_, stage) = await WaitAsync(id, (view, stage) => stage.CheckpointsMade > before.CheckpointsMade || IsOver(view), Shorter(Left / 4, (work / 5) + TimeSpan.FromSeconds(0.5)), cancellationToken);
        if (stage.Checkpoints.FirstOrDefault() is not { } newest)
        {
            Find("checkpoint", false, "it never makes a checkpoint: neither when asked, nor by itself in the time of the rehearsal; each loss costs all that was done");
            return;
        }

        Find(
            "checkpoint", true,
            $"a checkpoint costs {DurationWords.Of(newest.Cost)} ({Size(newest.Bytes)}), and is durable {DurationWords.Of(newest.Flush)} later{(stage.CheckpointsMade > before.CheckpointsMade ? "" : "; it makes them by itself only, and not when asked")}");
    }

    /// <summary>False: it was over before, or did not come back.</summary>
    private async Task<bool> KillAsync(SimulationId id, CancellationToken cancellationToken)
    {
        var (view, before) = await LookAsync(id, cancellationToken);
        if (IsOver(view) || !Runs(before, before.Epoch))
        {
            Find("kill", false, "it was over before it could be killed: rehearse a longer run");
            return false;
        }

        tell("killing it…");
        DemoProcesses.KillRun($"/{RunLayout.RunDirectory(new(id, Target, before.Epoch))}");
        var (after, stage) = await WaitAsync(id, (view, stage) => Runs(stage, before.Epoch + 1) || IsOver(view), Shorter(Left / 2, Patience), cancellationToken);
        var attempt = stage.RecentAttempts.FirstOrDefault(attempt => attempt.Attempt.Epoch == before.Epoch + 1);
        if (attempt?.StartedAt is null)
        {
            Find("kill", false, $"killed {At(before)}, it did not start again: {Why(after, stage)}");
            return false;
        }

        // A restart that fails does so at once, as a rule.
        await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
        (after, stage) = await LookAsync(id, cancellationToken);
        if (stage.RecentAttempts.FirstOrDefault(one => one.Attempt.Epoch == before.Epoch + 1) is { End: AttemptEnd.Failed or AttemptEnd.LaunchRefused } failed)
        {
            Find("kill", false, $"killed {At(before)}, its restart fails: {failed.Reason}");
            return !IsOver(after);
        }

        Find("kill", attempt.Restored is not null, attempt.Restored is { } restored
            ? $"killed {At(before)}, it goes on from {(attempt.FirstStep >= 0 ? $"step {Number(attempt.FirstStep)}" : restored)}"
            : $"killed {At(before)}, it starts again from the beginning");
        return !IsOver(after);
    }

    private async Task LeaveAsync(SimulationId id, CancellationToken cancellationToken)
    {
        var (view, before) = await LookAsync(id, cancellationToken);
        if (IsOver(view) || !Runs(before, before.Epoch))
        {
            Find("leave", false, "it was over before it could be asked to leave: rehearse a longer run");
            return;
        }

        tell("asking it to leave…");
        var grace = plan.Stages.First(stage => stage.Name == Target).Grace;
        var asked = clock.GetUtcNow();
        await client.ControlAsync(id, SimulationVerb.Pause, "rehearsal", cancellationToken: cancellationToken);
        var (after, stage) = await WaitAsync(id, static (view, _) => view.Status == SimulationStatus.Paused || IsOver(view), grace + Patience, cancellationToken);
        if (IsOver(after))
        {
            Find("leave", true, "it ended by itself while it was asked to leave");
            return;
        }

        var attempt = stage.RecentAttempts.FirstOrDefault(attempt => attempt.Attempt.Epoch == before.Epoch);
        var took = (attempt?.EndedAt ?? clock.GetUtcNow()) - asked;
        var saved = stage.CheckpointsMade > before.CheckpointsMade;
        Find("leave", attempt?.ExitStatus is not null && saved, (attempt?.ExitStatus, saved) switch
        {
            (null, _) when took >= grace * 0.9 => $"it ignores TERM: it was killed {DurationWords.Of(took)} after it was asked to leave{(saved ? ", though it made a checkpoint" : "")}",
            (_, false) => $"asked to leave, it leaves within {DurationWords.Of(took)}, without a checkpoint: what it did since the one before is lost",
            _ => $"asked to leave, it leaves within {DurationWords.Of(took)} with a checkpoint",
        });
        await client.ControlAsync(id, SimulationVerb.Resume, "rehearsal", cancellationToken: cancellationToken);
    }

    private List<FileComparison> Compare(StageView calm, StageView rough)
    {
        tell("comparing…");
        var compared = new List<FileComparison>();
        var (calmId, roughId) = (plan.Simulation("calm").Id, plan.Simulation("rough").Id);
        if (calm.Status == StageStatus.Completed && rough.Status == StageStatus.Completed)
        {
            var (left, right) = plan.Stage.Outputs.IsEmpty
                ? (Path.Combine(data, RunLayout.RunDirectory(new(calmId, Target, calm.Epoch))), Path.Combine(data, RunLayout.RunDirectory(new(roughId, Target, rough.Epoch))))
                : (Path.Combine(data, RunLayout.ResultsDirectory(calmId, Target)), Path.Combine(data, RunLayout.ResultsDirectory(roughId, Target)));
            compared.AddRange(Files(left).Union(Files(right)).Order(StringComparer.Ordinal).Select(name => FileComparison.Of(name, Path.Combine(left, name), Path.Combine(right, name))));
        }
        else
        {
            var same = rough.Checkpoints.FirstOrDefault(record => record.Step >= 0 && record.Attempt.Epoch > 1 && calm.Checkpoints.Any(other => other.Step == record.Step));
            if (same is not null)
            {
                var (left, right) = (FolderOf(calm.Checkpoints.First(other => other.Step == same.Step)), FolderOf(same));
                compared.AddRange(Files(left).Select(name => FileComparison.Of(name, Path.Combine(left, name), Path.Combine(right, name)) with { File = $"{name} of step {Number(same.Step)}" }));
            }
        }

        if (compared.Count == 0)
        {
            Find("result", false, rough.Status == StageStatus.Completed || calm.Status != StageStatus.Completed
                ? "nothing could be compared: it did not end in the time, and has no two checkpoints of one step; give --minutes more, or a shorter run"
                : $"the disturbed run did not end in the time: it is {StatusOf(rough)}");
            return compared;
        }

        if (compared.All(static file => file.Identical))
        {
            Find("result", true, $"restart is bit-identical: {string.Join(", ", compared.Select(static file => file.File).Take(5))}{(compared.Count > 5 ? $" and {compared.Count - 5} more" : "")}");
            return compared;
        }

        foreach (var file in compared.Where(static file => !file.Identical))
        {
            Find("result", file.IsWithin(tolerance), file.Text);
        }

        return compared;
    }

    private RehearsalReport Report(string campaign, StageView stage, List<FileComparison> files)
    {
        var report = new RehearsalReport { Campaign = campaign, Stage = Target, Scaled = plan.Scaled, Findings = [.. findings], Files = [.. files] };
        var made = stage.Checkpoints.Where(static record => record.Status is CheckpointStatus.Intact or CheckpointStatus.Proven).ToArray();
        var nodes = plan.Stage.Resources.Nodes;
        var losses = 90 * nodes / BetweenFailures.TotalDays;
        var expected = string.Create(CultureInfo.InvariantCulture, $"In three months on {nodes} {(nodes == 1 ? "node" : "nodes")}, some {losses:0} losses of a node are to be expected (one in {BetweenFailures.TotalDays:0} days for each)");
        if (made.Length == 0)
        {
            return report with { Outlook = [$"{expected}; each costs all that was done since the stage began."] };
        }

        var cost = Median(made.Select(static record => record.Cost));
        var flush = Median(made.Select(static record => record.Flush));
        var schedule = CheckpointSchedule.Plan(plan.Stage.Checkpoint with { Every = CheckpointTrigger.Adaptive }, new()
        {
            Cost = cost,
            Flush = flush,
            Measured = true,
            MeanTimeBetweenFailures = CheckpointFacts.Learned(BetweenFailures, nodes, TimeSpan.Zero, 0),
            Detection = SimulationPolicy.Default.DetectionWindow,
        });
        return report with
        {
            CheckpointSeconds = cost.TotalSeconds,
            FlushSeconds = flush.TotalSeconds,
            CheckpointBytes = made[0].Bytes,
            RecommendedIntervalSeconds = schedule.Interval!.Value.TotalSeconds,
            Outlook =
            [
                $"Recommended interval: {DurationWords.Of(schedule.Interval.Value)}; {schedule.Tell()}.",
                .. schedule.Conflict is { } conflict ? [$"But {conflict}."] : Array.Empty<string>(),
                $"{expected}; each costs at most {DurationWords.Of(schedule.LossMax)}{(findings.Any(static finding => finding is { Subject: "leave", Good: false }) ? ", and so does each end of walltime, each maintenance and each preemption, since it does not leave in order" : "")}.",
            ],
        };
    }

    private void Find(string subject, bool good, string text)
    {
        findings.Add(new(subject, good, text));
        tell($"  {text}");
    }

    private async Task<(SimulationView View, StageView Stage)> LookAsync(SimulationId id, CancellationToken cancellationToken)
    {
        var view = await client.GetSimulationAsync(id, cancellationToken);
        return (view, view.Stages.First(stage => stage.Name == Target));
    }

    private async Task<(SimulationView View, StageView Stage)> WaitAsync(SimulationId id, Func<SimulationView, StageView, bool> holds, TimeSpan longest, CancellationToken cancellationToken)
    {
        var from = clock.GetTimestamp();
        while (true)
        {
            var (view, stage) = await LookAsync(id, cancellationToken);
            if (holds(view, stage) || clock.GetElapsedTime(from) > longest)
            {
                return (view, stage);
            }

            if (processes.Ended(["up", "agent"]) is { } ended)
            {
                throw new CommandException(ended, ExitCodes.NotFound);
            }

            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    private string FolderOf(CheckpointRecord record) => CheckpointStore.CheckpointFiles.DirectoryOf(data, record);

    private static bool IsOver(SimulationView view) => view.Status >= SimulationStatus.Completed;

    private static bool Runs(StageView stage, int epoch) =>
        stage.Epoch >= epoch && stage.RecentAttempts.Any(attempt => attempt.Attempt.Epoch == epoch && attempt.StartedAt is not null && (attempt.End == AttemptEnd.Absent || epoch > 1));

    private static IEnumerable<string> Files(string directory) =>
        Directory.Exists(directory) ? Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(directory, path)).Order(StringComparer.Ordinal) : [];

    private static TimeSpan Median(IEnumerable<TimeSpan> times) => times.Order().ToArray() is { Length: > 0 } all ? all[all.Length / 2] : TimeSpan.Zero;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string At(StageView stage) => stage.Step >= 0 ? $"at step {Number(stage.Step)}" : string.Create(CultureInfo.InvariantCulture, $"at {stage.Progress * 100:0} %");

    private static string Why(SimulationView view, StageView stage) => stage.Reason ?? view.Reason ?? StatusOf(stage);

    private static string StatusOf(StageView stage) => stage.Status.ToString().ToLowerInvariant();

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        >= 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0} GB"),
        >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes"),
    };
}
