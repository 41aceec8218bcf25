using System.Text.Json;
using Orchestrator.Abstractions;

namespace Orchestrator.Cli.Reports;

/// <summary>The timeline for programs.</summary>
internal static class TimelineJson
{
    public const string FileName = "timeline.json";

    private static readonly JsonSerializerOptions Options = new(WireJson.Options) { WriteIndented = true };

    public static void Write(Timeline timeline, TextWriter output) => output.WriteLine(JsonSerializer.Serialize(timeline, Options));
}
