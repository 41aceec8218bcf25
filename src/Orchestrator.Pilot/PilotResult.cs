using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Pilot;

/// <summary>How a campaign ended, or how far it came.</summary>
internal sealed record PilotResult
{
    /// <summary>Of the whole campaign, with what former pilots did.</summary>
    public int Completed { get; init; }

    /// <summary>Of the whole campaign; those that never ran because one before them failed, too.</summary>
    public int Failed { get; init; }

    public int Skipped { get; init; }

    /// <summary>Not ended: for the next pilot.</summary>
    public int Left { get; init; }

    /// <summary>Ends of attempts that this pilot saw.</summary>
    public int EndedNow { get; init; }

    public TimeSpan Wall { get; init; }

    /// <summary>Of all attempts of this pilot.</summary>
    public TimeSpan TaskTime { get; init; }

    public bool IsInterrupted { get; init; }

    /// <summary>What kept the pilot from its work; null: nothing did.</summary>
    public string? Fault { get; init; }

    public double Speedup => Wall > TimeSpan.Zero ? TaskTime / Wall : 0;

    public double TasksPerSecond => Wall > TimeSpan.Zero ? EndedNow / Wall.TotalSeconds : 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Completed: {Completed} | Failed: {Failed} | Wall time: {Wall.TotalSeconds:0.0}s | CPU time: {TaskTime.TotalSeconds:0.0}s ({Speedup:0.0}x speedup)");

    /// <summary>Writes <c>summary.json</c>, whole or not at all.</summary>
    public void Write(string path)
    {
        using (var file = File.Create(path + ".new"))
        using (var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("completed", Completed);
            json.WriteNumber("failed", Failed);
            json.WriteNumber("skipped", Skipped);
            json.WriteNumber("left", Left);
            json.WriteNumber("wallSeconds", Math.Round(Wall.TotalSeconds, 3));
            json.WriteNumber("taskSeconds", Math.Round(TaskTime.TotalSeconds, 3));
            json.WriteNumber("speedup", Math.Round(Speedup, 2));
            json.WriteNumber("tasksPerSecond", Math.Round(TasksPerSecond, 1));
            json.WriteEndObject();
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
