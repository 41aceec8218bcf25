using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Replay;

namespace Orchestrator.Cli.Replay;

/// <summary>The numbers of a replay, for people and for programs.</summary>
internal sealed class ReplayReport(ReplayRequest request, Workload workload, ReplayResult result)
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ReplaySummary summary = ReplaySummary.Of(result);

    /// <summary>One object; times in seconds.</summary>
    public void WriteJson(TextWriter output)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content, Indented))
        {
            json.WriteStartObject();
            json.WriteString("trace", workload.Name);
            json.WriteString("policy", request.Policy);
            json.WriteNumber("processors", result.Processors);
            json.WriteString("estimates", request.Estimates);
            json.WriteNumber("load", request.Load);
            json.WriteString("events", request.Events == EventOrder.OneByOne ? "one-by-one" : "per-moment");
            json.WriteNumber("seed", request.Seed ?? 1);
            json.WriteNumber("jobs", summary.Jobs);
            json.WriteNumber("skipped", result.Skipped.Length);
            json.WriteStartObject("skippedBecause");
            foreach (var (reason, count) in summary.Skipped)
            {
                json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), count);
            }

            json.WriteEndObject();
            json.WriteNumber("meanWait", summary.MeanWait);
            json.WriteNumber("maxWait", summary.MaxWait);
            json.WriteNumber("meanTurnaround", summary.MeanTurnaround);
            json.WriteNumber("avgBoundedSlowdown", summary.AvgBoundedSlowdown);
            json.WriteNumber("meanSlowdown", summary.MeanSlowdown);
            json.WriteNumber("utilization", summary.Utilization);
            if (summary.UtilizationSaturated is { } saturated)
            {
                json.WriteNumber("utilizationSaturated", saturated);
            }
            else
            {
                json.WriteNull("utilizationSaturated");
            }

            json.WriteNumber("makespan", summary.Makespan);
            json.WriteNumber("energyJoules", summary.EnergyJoules);
            json.WriteNumber("lostWork", summary.LostWork);
            json.WriteNumber("preemptions", summary.Preemptions);
            json.WriteNumber("fairness", summary.Fairness);
            json.WriteString("fairnessMeasure", "Jain's index of the users' mean bounded slowdowns (Jain, Chiu, Hawe 1984)");
            json.WriteEndObject();
        }

        output.Write(System.Text.Encoding.UTF8.GetString(content.GetBuffer(), 0, (int)content.Length));
        output.Write('\n');
    }

    public void WriteText(TextWriter output, Style style)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{workload.Name} on {result.Processors:N0} processors, policy {request.Policy}, {request.Estimates} estimates{(request.Load == 1 ? "" : $", load x {request.Load}")}"));
        if (!result.Skipped.IsEmpty)
        {
            output.WriteLine($"left out: {string.Join(", ", summary.Skipped.Select(static each => string.Create(CultureInfo.InvariantCulture, $"{each.Value:N0} {Reason(each.Key)}")))}");
        }

        var table = new TextTable("MEASURE", "VALUE");
        table.Add("jobs", Number(summary.Jobs, "N0"));
        table.Add("mean wait", Seconds(summary.MeanWait));
        table.Add("longest wait", Seconds(summary.MaxWait));
        table.Add("mean bounded slowdown", Number(summary.AvgBoundedSlowdown, "N4"));
        table.Add("mean turnaround", Seconds(summary.MeanTurnaround));
        table.Add("utilization", $"{Number(summary.Utilization * 100, "N2")} %");
        if (summary.UtilizationSaturated is { } saturated)
        {
            table.Add("utilization while jobs came", $"{Number(saturated * 100, "N2")} %");
        }

        table.Add("makespan", Seconds(summary.Makespan));
        table.Add("energy", $"{Number(summary.EnergyJoules / 3.6e6, "N1")} kWh");
        table.Add("lost work", $"{Number(summary.LostWork / 3600, "N1")} processor-hours");
        table.Add("preemptions", Number(summary.Preemptions, "N0"));
        table.Add("fairness (Jain, slowdown of users)", Number(summary.Fairness, "N4"));
        table.Write(output, style);
    }

    private static string Reason(SkipReason reason) => reason switch
    {
        SkipReason.NeverRan => "never ran",
        SkipReason.NoProcessors => "had no processors",
        SkipReason.PartOfJob => "parts of other jobs",
        _ => "larger than the machine",
    };

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:N2} s{(seconds < 3600 ? "" : seconds < 172_800 ? $" ({seconds / 3600:N1} h)" : $" ({seconds / 86_400:N1} d)")}");
}
