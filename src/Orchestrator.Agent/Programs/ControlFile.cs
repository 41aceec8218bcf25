using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>
/// The orders to a program: what was written is what was asked, also for an agent that started again. Each line is one write.
/// </summary>
internal sealed class ControlFile
{
    private readonly string path;

    /// <summary>Reads what an earlier agent asked.</summary>
    public ControlFile(string path)
    {
        this.path = path;
        if (!File.Exists(path))
        {
            return;
        }

        foreach (var line in File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Take(line);
        }
    }

    /// <summary>The number of the newest checkpoint order; 0: none.</summary>
    public long Checkpoint { get; private set; }

    /// <summary>The number of the newest preview order; 0: none.</summary>
    public long Preview { get; private set; }

    /// <summary>When the program is to be gone; null: nobody asked.</summary>
    public DateTimeOffset? StopBy { get; private set; }

    /// <summary>Why it was asked to leave.</summary>
    public StopReason Reason { get; private set; }

    /// <summary>False when this or a newer one was ordered before.</summary>
    public bool OrderCheckpoint(long id, CheckpointKind kind = CheckpointKind.Full)
    {
        if (id <= Checkpoint)
        {
            return false;
        }

        var smaller = kind switch
        {
            CheckpointKind.Incremental => ",\"kind\":\"incremental\"",
            CheckpointKind.CriticalState => ",\"kind\":\"critical-state\"",
            CheckpointKind.MetadataOnly => ",\"kind\":\"metadata-only\"",
            _ => "",
        };
        Append(string.Create(CultureInfo.InvariantCulture, $"{{\"order\":\"checkpoint\",\"id\":{id}{smaller}}}"));
        Checkpoint = id;
        return true;
    }

    /// <summary>False when this or a newer one was ordered before.</summary>
    /// <param name="id">The number of the order.</param>
    /// <param name="level">In percent of the final quality.</param>
    /// <param name="path">Where it goes, without an ending.</param>
    public bool OrderPreview(long id, int level, string path)
    {
        if (id <= Preview)
        {
            return false;
        }

        Append(string.Create(CultureInfo.InvariantCulture, $"{{\"order\":\"preview\",\"level\":{level},\"id\":{id},\"path\":\"{JsonEncodedText.Encode(path, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"}}"));
        Preview = id;
        return true;
    }

    /// <summary>False when it had to be gone by then, or earlier, already.</summary>
    public bool OrderStop(DateTimeOffset by, StopReason reason)
    {
        if (StopBy is { } before && before <= by)
        {
            return false;
        }

        Append($"{{\"order\":\"stop\",\"by\":\"{Time(by)}\",\"reason\":\"{reason.ToString().ToLowerInvariant()}\"}}");
        (StopBy, Reason) = (by, reason);
        return true;
    }

    /// <summary>ISO 8601 in UTC, as docs/programs.md promises; fractions of a second only where there are some.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);

    private void Append(string line)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(Encoding.UTF8.GetBytes(line + "\n"));
    }

    private void Take(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            switch (json.RootElement.GetProperty("order").GetString())
            {
                case "checkpoint":
                    Checkpoint = json.RootElement.GetProperty("id").GetInt64();
                    break;
                case "preview":
                    Preview = json.RootElement.GetProperty("id").GetInt64();
                    break;
                case "stop":
                    StopBy = json.RootElement.GetProperty("by").GetDateTimeOffset();
                    Reason = json.RootElement.TryGetProperty("reason", out var reason) && Enum.TryParse<StopReason>(reason.GetString(), ignoreCase: true, out var known) ? known : default;
                    break;
            }
        }
        catch (Exception torn) when (torn is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            // A line that a crash cut short: the order is given again, since it is still wanted.
        }
    }
}
