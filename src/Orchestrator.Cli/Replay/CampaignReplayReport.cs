using System.Globalization;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Replay.Campaigns;

namespace Orchestrator.Cli.Replay;

/// <summary>The numbers of a replay of campaigns, for people.</summary>
internal static class CampaignReplayReport
{
    public static void Write(TextWriter output, Style style, CampaignSummary summary, string policy, TimeSpan took)
    {
        var hours = summary.NodeHours;
        output.WriteLine(Text($"{summary.Name}: {summary.Days:0.##} days, {summary.Nodes:N0} nodes, policy {policy}, seed {summary.Seed}; {summary.Plans:N0} plans in {took.TotalSeconds:0.0} s"));
        var table = new TextTable("MEASURE", "VALUE");
        table.Add("utilization of all node-hours", Text($"{Percent(summary.Utilization)}  (down nodes and windows count as not used)"));
        table.Add("utilization of available node-hours", Text($"{Percent(summary.UtilizationOfAvailable)}  (without nodes that are down or kept for a window)"));
        table.Add("node-hours", Text($"{hours.All:N0} = used {hours.Used:N0} + idle {hours.Idle:N0} + down {hours.Down:N0} + window {hours.Window:N0}"));
        table.Add("of the used ones", Text($"lost work {hours.Lost:N0} ({Percent(hours.Lost / hours.Used)}), checkpoints {hours.Checkpoints:N0} ({Percent(hours.Checkpoints / hours.Used)})"));
        table.Add("failures of nodes", Text($"{summary.NodeFailures:N0}; under protected work {summary.Protected.NodeLosses:N0}, under other work {summary.Others.NodeLosses:N0}"));
        table.Add("preemptions of protected work", Text($"{summary.Preemptions.OfProtected:N0}  (relocations for windows: {summary.Preemptions.Relocations:N0})"));
        table.Add("preemptions of other work", Text($"{summary.Preemptions.OfOthers:N0}{(summary.Preemptions.Because.IsEmpty ? "" : $" ({string.Join(", ", summary.Preemptions.Because.Select(static pair => Text($"{pair.Key} {pair.Value:N0}")))})")}, node-hours lost {summary.Preemptions.LostNodeHours:N1}"));
        table.Add("loss at a failure, protected", Times(summary.LossOfProtected));
        table.Add("  by 10 minutes, from 0", string.Join(' ', summary.LossHistogram.Select(static count => Text($"{count:N0}"))));
        table.Add("loss at a failure, others", Text($"{Times(summary.LossOfOthers)}; without checkpoints: {summary.LossesWithoutCheckpoint:N0}"));
        table.Add("recovery, protected", Times(summary.RecoveryOfProtected));
        table.Add("  of it waiting for nodes", Times(summary.RecoveryWaitOfProtected));
        table.Add("recovery, others", Times(summary.RecoveryOfOthers));
        table.Add("relocation, protected", Times(summary.Relocation));
        foreach (var (name, counts) in new[] { ("protected work", summary.Protected), ("other work", summary.Others) })
        {
            table.Add(name, Text($"{counts.Submitted:N0} submitted, {counts.Done:N0} done, {counts.Running:N0} running, {counts.Waiting:N0} waiting; {counts.NodeHours:N0} node-hours, {counts.LostNodeHours:N0} lost"));
            table.Add("  checkpoints", Text($"{counts.Checkpoints:N0}, overhead {counts.CheckpointOverhead * 100:0.00} %"));
        }

        table.Add("sent back (too much waiting)", Text($"{summary.SentBack:N0}"));
        table.Add("windows, and how late", string.Join(", ", summary.Windows.Select(static window => $"{window.Window} {Time(window.Delay)}")));
        table.Write(output, style);
        output.WriteLine();
        var waits = new TextTable("CLASS", "STARTED", "MEAN WAIT", "MEDIAN", "95 %", "LONGEST", "LONGEST OF ALL", "STILL WAITING", "LONGEST");
        foreach (var one in summary.Waits)
        {
            waits.Add(one.Class, Text($"{one.First.Count:N0}"), Time(one.First.Mean), Time(one.First.Median), Time(one.First.P95), Time(one.First.Max), Time(one.Longest), Text($"{one.StillWaiting:N0}"), Time(one.StillWaitingLongest));
        }

        waits.Write(output, style);
        foreach (var broken in summary.Broken)
        {
            output.WriteLine($"not as expected: {broken}");
        }
    }

    private static string Times(TimeSummary times) => times.Count == 0
        ? "none"
        : Text($"{times.Count:N0}: mean {Time(times.Mean)}, median {Time(times.Median)}, 95 % {Time(times.P95)}, largest {Time(times.Max)}");

    private static string Time(double seconds) => seconds switch
    {
        < 60 => Text($"{seconds:0} s"),
        < 7200 => Text($"{seconds / 60:0.0} min"),
        < 172_800 => Text($"{seconds / 3600:0.0} h"),
        _ => Text($"{seconds / 86_400:0.0} d"),
    };

    private static string Percent(double part) => Text($"{part * 100:0.00} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
