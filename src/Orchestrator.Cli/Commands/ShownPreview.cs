using System.Globalization;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Commands;

/// <summary>What a program showed of its result before it was done: a preview, or another file that it called usable.</summary>
internal sealed record ShownPreview
{
    public SimulationId Simulation { get; init; }

    public string Stage { get; init; } = "";

    /// <summary>0 to 1.</summary>
    public double Quality { get; init; }

    /// <summary>The level that was asked for, in percent; null: nobody asked for it.</summary>
    public int? Level { get; init; }

    /// <summary>Absolute.</summary>
    public string Path { get; init; } = "";

    public DateTimeOffset? MadeAt { get; init; }

    /// <summary>What it took of the program's time; null: not known.</summary>
    public double? Seconds { get; init; }

    /// <summary>Bytes; -1: not known.</summary>
    public long Size { get; init; } = -1;

    /// <summary>Of a simulation, the best one first, of equal ones the newest.</summary>
    public static IReadOnlyList<ShownPreview> Of(string data, SimulationView view) =>
        [.. view.Stages.SelectMany(stage => Of(data, view.Id, stage)).OrderByDescending(static one => one.Quality).ThenByDescending(static one => one.MadeAt)];

    /// <summary>A line for a stage that makes previews or has shown something, and is not completed; null for any other.</summary>
    public static string? Line(string data, SimulationId simulation, StageView stage, DateTimeOffset now)
    {
        var best = stage.Status == StageStatus.Completed ? null : Of(data, simulation, stage).OrderByDescending(static one => one.Quality).ThenByDescending(static one => one.MadeAt).FirstOrDefault();
        var next = stage.NextPreviewAt is { } at ? Words.Time(at, now) : null;
        if (best is null)
        {
            return next is null ? null : $"{stage.Name}: no preview yet, the first is ordered at {next}";
        }

        var made = best.MadeAt is { } moment ? $", made {Words.Time(moment, now)}" : "";
        var took = best.Seconds is { } seconds ? $", took {DurationWords.Of(TimeSpan.FromSeconds(seconds))}" : "";
        return $"{stage.Name}: preview of {best.QualityText} quality {best.Path}{made}{took}{(next is null ? "" : $"; the next is ordered at {next}")}";
    }

    internal string QualityText => Quality.ToString("P0", CultureInfo.InvariantCulture);

    private static IEnumerable<ShownPreview> Of(string data, SimulationId simulation, StageView stage)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var preview in stage.Previews.IsDefault ? [] : stage.Previews)
        {
            var path = System.IO.Path.Combine(data, preview.Path);
            files.Add(path);
            yield return new()
            {
                Simulation = simulation,
                Stage = stage.Name,
                Quality = preview.Quality,
                Level = preview.Level,
                Path = path,
                MadeAt = preview.MadeAt,
                Seconds = preview.Cost?.TotalSeconds,
                Size = preview.Size,
            };
        }

        var directory = System.IO.Path.Combine(data, RunLayout.RunDirectory(new AttemptId(simulation, stage.Name, stage.Epoch)));
        foreach (var artifact in stage.Artifacts.IsDefault ? [] : stage.Artifacts)
        {
            var path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(System.IO.Path.Combine(directory, artifact.Path)));
            if (files.Add(path))
            {
                yield return new() { Simulation = simulation, Stage = stage.Name, Quality = artifact.Quality, Path = path, MadeAt = artifact.WrittenAt, Size = artifact.Size };
            }
        }
    }
}
