using System.Globalization;
using Orchestrator.Abstractions.Nodes;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Commands;

/// <summary>One node, in lines of a name and what it is.</summary>
internal static class NodeText
{
    public static void Write(NodeView node, DateTimeOffset now, TextWriter output, Style style)
    {
        output.WriteLine($"{style.Bold(ReportText.Node(node.Id.Value))}: {style.Status(Words.Status(node.Status))}, seen {Words.Ago(node.LastSeen, now)}");
        foreach (var (what, text) in Lines(node, now).Where(static line => line.Text.Length > 0))
        {
            output.WriteLine($"  {what,-12}{text}");
        }

        if (node.Wanted.IsEmpty)
        {
            output.WriteLine("nothing is to run on it");
            return;
        }

        var table = new TextTable("ATTEMPT", "CORES", "MEMORY", "GPUS", "PROCESSES");
        foreach (var lease in node.Wanted)
        {
            // Of others' work only its share is told, and not which processes are whose.
            var isOthers = lease.Attempt.Simulation.Value is null;
            table.Add(
                isOthers ? "(others)" : $"{lease.Attempt}{(lease.IsLead ? "" : " (not the lead)")}",
                ReportText.Count(lease.Share.Cores.Length),
                lease.Share.Memory > 0 ? Words.Bytes(lease.Share.Memory) : "",
                lease.Share.Gpus.IsEmpty ? "" : string.Join(",", lease.Share.Gpus),
                isOthers ? "" : node.Running.Any(running => running.Attempt == lease.Attempt && running.HasProcesses) ? "yes" : "no");
        }

        table.Write(output, style);
    }

    private static IEnumerable<(string What, string Text)> Lines(NodeView node, DateTimeOffset now)
    {
        var has = node.Capabilities;
        yield return ("host", string.Join(", ", new[] { has.HostName, has.OperatingSystem, has.Kind }.Where(static part => part.Length > 0)));
        yield return ("agent", $"{node.AgentVersion}{(node.User.Length > 0 ? $" of {node.User}" : "")}");
        yield return ("cores", $"{ReportText.Count(has.Cores)}, load {Words.Percent(node.CpuLoad)}");
        yield return ("memory", node.MemoryUsed > 0 ? $"{Words.Bytes(node.MemoryUsed)} of {Words.Bytes(has.Memory)} used" : Words.Bytes(has.Memory));
        yield return ("gpus", string.Join(", ", has.Gpus.GroupBy(static gpu => gpu).Select(static kind =>
            $"{kind.Count().ToString(CultureInfo.InvariantCulture)} x {kind.Key.Model} with {Words.Bytes(kind.Key.Memory)}{(kind.Key.ComputeCapability.Length > 0 ? $" of capability {kind.Key.ComputeCapability}" : "")}")));
        yield return ("storage", has.Storage > 0 ? Words.Bytes(has.Storage) : "");
        yield return ("features", string.Join(", ", has.Features));
        yield return ("stands at", string.Join(", ", has.Topology));
        yield return ("until", node.AllocationEnd is { } end ? $"{ReportText.Moment(end)} (the end of its allocation)" : "");
        yield return ("lost", node.Failures.IsEmpty ? "" : $"{ReportText.Of(node.Failures.Length, "time")}, {Words.Ago(node.Failures[^1], now)} for the last time");
        yield return ("note", string.Join("; ", NodeCommand.Notes(node)));
        yield return ("unclear", node.Unclear ?? "");
    }
}
