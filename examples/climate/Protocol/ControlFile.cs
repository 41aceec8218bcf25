using System.Text;
using System.Text.Json;

namespace Climate.Protocol;

/// <summary>What the orchestrator asks for, since the last look.</summary>
/// <param name="Checkpoint">A checkpoint now.</param>
/// <param name="StopBy">A checkpoint, and to leave before this time; null if nobody asks.</param>
internal readonly record struct Orders(bool Checkpoint, DateTimeOffset? StopBy);

/// <summary>
/// Reads orders from a file of JSON lines that grows. A look costs one stat() unless the file changed; a line counts once it ends with a
/// line feed; an id counts once. Lines that are not understood are skipped: a newer orchestrator may have orders that this program lacks.
/// </summary>
internal sealed class ControlFile(string? path)
{
    private readonly HashSet<long> seen = [];
    private long read, length = -1;
    private DateTime written;

    public Orders Look()
    {
        if (path is null)
        {
            return default;
        }

        var info = new FileInfo(path);
        if (!info.Exists || (info.Length == length && info.LastWriteTimeUtc == written))
        {
            return default;
        }

        (length, written) = (info.Length, info.LastWriteTimeUtc);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length < read)
        {
            read = 0;   // replaced by a shorter one; ids keep old orders from counting twice
        }

        stream.Position = read;
        var bytes = new byte[stream.Length - read];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        var whole = Array.LastIndexOf(bytes, (byte)'\n', Math.Max(0, count - 1), count) + 1;
        read += whole;

        var orders = default(Orders);
        foreach (var line in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            orders = Add(orders, line);
        }

        return orders;
    }

    private Orders Add(Orders orders, string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("order", out var order)
                || (root.TryGetProperty("id", out var id) && id.TryGetInt64(out var number) && !seen.Add(number)))
            {
                return orders;
            }

            return order.ToString() switch
            {
                "checkpoint" => orders with { Checkpoint = true },
                "stop" => orders with
                {
                    // A stop without a time that can be read is one for now.
                    StopBy = root.TryGetProperty("by", out var by) ? RunEnvironment.Time(by.ToString()) ?? DateTimeOffset.MinValue : DateTimeOffset.MinValue,
                },
                _ => orders,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return orders;
        }
    }
}
