using System.Text.Json;
using System.Text.Encodings.Web;
using Orchestrator.Cli.Commands;
using Orchestrator.Core.Replay.Campaigns;
using Orchestrator.Core.Scheduling;
using Orchestrator.Definitions.Replay;

namespace Orchestrator.Cli.Replay;

/// <summary><c>orchestrator replay FILE.yaml</c>: months of a cluster of our own, with failures, windows and slow storage.</summary>
internal static class CampaignReplayCommand
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether the file describes such a replay, and is no trace.</summary>
    public static bool Takes(string path)
    {
        if (path.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".yml", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        try
        {
            using var content = File.OpenRead(path);
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("replay", out _);
        }
        catch (JsonException)
        {
            // Whoever reads traces says what is wrong with it.
            return false;
        }
    }

    /// <summary>0: as expected; 1: the file is wrong, or something is not as the file expects it.</summary>
    /// <param name="context">Where it is told.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="settings">By which policy is planned; null: by that of the file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static int Run(CommandContext context, ReplayRequest request, SchedulingSettings? settings, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(request.Trace)) ?? "";
        var reading = CampaignScriptFile.Read(File.ReadAllText(request.Trace), path => File.OpenRead(Path.Combine(folder, path)), settings);
        if (reading.Script is not { } script)
        {
            foreach (var problem in reading.Problems)
            {
                context.Error.WriteLine($"{request.Trace}:{problem}");
            }

            return ExitCodes.Invalid;
        }

        script = request.Seed is { } seed ? script with { Seed = seed } : script;
        using var jobsFile = request.JobsOut is { } jobs ? new WholeFile(jobs) : null;
        using var summaryFile = request.SummaryOut is { } summary ? new WholeFile(summary) : null;
        if (jobsFile is not null && jobsFile.Path == summaryFile?.Path)
        {
            throw new CommandException($"--jobs-out and --summary both name {jobsFile.Path}", ExitCodes.Unreadable);
        }

        CampaignResult result;
        var began = context.Clock.GetTimestamp();
        using (var bar = new ProgressBar(context))
        {
            result = CampaignReplay.Run(script, bar, cancellationToken);
        }

        var took = context.Clock.GetElapsedTime(began);
        jobsFile?.Write(output => CampaignJobsCsv.Write(output, result));
        summaryFile?.Write(output => output.WriteLine(JsonSerializer.Serialize(result.Summary, Json)));
        cancellationToken.ThrowIfCancellationRequested();
        jobsFile?.Keep();
        summaryFile?.Keep();
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(result.Summary, Json));
        }
        else
        {
            CampaignReplayReport.Write(context.Output, context.Style, result.Summary, settings is null ? "of the file" : request.Policy, took);
        }

        return result.Summary.Broken.IsEmpty ? ExitCodes.Success : ExitCodes.Invalid;
    }
}
