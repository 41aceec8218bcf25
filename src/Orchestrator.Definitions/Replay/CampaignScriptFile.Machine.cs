using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Windows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions.Replay;

/// <content>Nodes, their failures, windows and spells.</content>
public sealed partial class CampaignScriptFile
{
    private const int NodesMax = 100_000;

    private void Machine(MappingReader reader)
    {
        foreach (var (part, node) in List(reader, "machine", CampaignScriptKeys.Machine))
        {
            places.Add(("machine", node));
            part.Require("nodes", "how many there are");
            var name = Name(part, "name", "node");
            var count = part.Count("nodes", 1, NodesMax, 1);
            var kind = new SchedulableNode
            {
                Cores = part.Count("cores", 1, 4096, 1),
                Memory = part.Size("memory", 0),
                Kind = part.Text("kind", "a word") ?? "",
                Features = [.. part.Texts("features", "words").Select(static feature => feature.Text)],
            };
            var failures = Failures(part);
            var digits = count.ToString(CultureInfo.InvariantCulture).Length;
            for (var number = 1; number <= count && nodes.Count <= NodesMax; number++)
            {
                nodes.Add(new() { Node = kind with { Id = new NodeId($"n-{name}-{number.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0')}") }, Failures = failures });
            }
        }
    }

    private FailureModel? Failures(MappingReader part)
    {
        if (part.Value("failures") is not { } node)
        {
            return null;
        }

        var reader = new MappingReader(node, part.PathOf("failures"), problems, CampaignScriptKeys.Failures);
        if (reader.Value("fit") is { } fit)
        {
            return Fitted(new(fit, reader.PathOf("fit"), problems, CampaignScriptKeys.Fit));
        }

        reader.Require("mean_time_between", DurationText.Allowed);
        reader.Require("repair", "a mapping with median, sigma, or with time");
        var mean = reader.Duration("mean_time_between", null);
        var shape = Number(reader, "shape", 0.05, 20, 1);
        if (mean is null || reader.Value("repair") is not { } inner)
        {
            return null;
        }

        var repair = new MappingReader(inner, reader.PathOf("repair"), problems, CampaignScriptKeys.Repair);
        var always = repair.Duration("time", null);
        var median = repair.Duration("median", null);
        if (always is null && median is null)
        {
            repair.Require("median", DurationText.Allowed);
            return null;
        }

        return new()
        {
            Between = TimeDistribution.Weibull.WithMean(shape, mean.Value),
            Repair = always is { } same ? new TimeDistribution.Fixed(same) : new TimeDistribution.Lognormal(median!.Value, Number(repair, "sigma", 0.001, 10, 1)),
        };
    }

    private FailureModel? Fitted(MappingReader reader)
    {
        reader.Require("file", "the path of a table of failures");
        if (reader.Text("file", "the path of a table of failures") is not { } path)
        {
            return null;
        }

        try
        {
            using var content = open(path);
            var log = FailureLog.Read(content, path);
            log = reader.Text("system", "the name of a system in the file") is { } system ? log.Of(system) : log;
            return new() { Between = FailureFit.Weibull(log.Intervals()), Repair = FailureFit.Lognormal(log.Repairs()) };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or ArgumentException)
        {
            reader.Refuse("file", $"nothing can be fitted to it: {fault.Message}", "a table with the columns node and started, and with at least two intervals");
            return null;
        }
    }

    private IEnumerable<MaintenanceWindow> Window((MappingReader Reader, YamlNode Node) item)
    {
        var reader = item.Reader;
        reader.Require("id", "a name");
        reader.Require("duration", DurationText.Allowed);
        var begins = reader.Moment("start") ?? (Elapsed(reader, "at") is { } at ? start + at : null);
        if (begins is null && reader.Value("start") is null && reader.Value("at") is null)
        {
            reader.Require("at", "after how long it begins");
        }

        var lasts = reader.Duration("duration", null);
        var id = reader.Text("id", "a name") ?? "";
        var severity = reader.Choice("severity", WindowSeverity.Major);
        var covered = CoveredNodes(reader);
        var words = reader.Text("description", "a text") ?? "";
        places.Add(($"windows.{id}", item.Node));
        if (begins is { } from && lasts is { } time)
        {
            yield return new() { Id = id, Severity = severity, Start = from, End = from + time, Nodes = covered, Description = words };
        }
    }

    private ImmutableArray<NodeId> CoveredNodes(MappingReader reader)
    {
        if (reader.Value("nodes") is null || reader.Text("nodes", RangeAllowed) is not { } text)
        {
            return [];
        }

        if (Range(text, Whole) is not { } range
            || range.Low < 1 || range.High > nodes.Count || range.Low > range.High)
        {
            reader.Refuse("nodes", $"\"{text}\" is no range of nodes", string.Create(CultureInfo.InvariantCulture, $"numbers of nodes in the order of the machine, 1..{nodes.Count}"));
            return [];
        }

        return [.. nodes.Skip(range.Low - 1).Take(range.High - range.Low + 1).Select(static node => node.Node.Id)];
    }

    private StorageSpell Spell((MappingReader Reader, YamlNode Node) item)
    {
        foreach (var key in CampaignScriptKeys.Spell)
        {
            item.Reader.Require(key, key == "factor" ? "a number from 1" : DurationText.Allowed);
        }

        return new()
        {
            From = Elapsed(item.Reader, "from") ?? TimeSpan.Zero,
            Until = item.Reader.Duration("until", null) ?? duration,
            Factor = Number(item.Reader, "factor", 1, 1e6, 1),
        };
    }
}
