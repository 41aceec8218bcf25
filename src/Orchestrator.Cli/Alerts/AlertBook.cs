using System.Collections.Immutable;
using System.Text.Json;
using Orchestrator.Cli.Replay;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Alerts;

/// <summary>
/// Which breaches last, since when, and who was told of them: kept in the data directory, so that each is told once for as long as it lasts, and again when it comes back. Failures to tell are kept beside it, the
/// newest thousand.
/// </summary>
internal sealed class AlertBook
{
    private const int FailuresMax = 1000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly string path;
    private readonly string failuresPath;
    private readonly SortedDictionary<string, AlertEntry> entries;

    /// <param name="data">The data directory.</param>
    /// <param name="breaches">Those that last now: what is over is forgotten.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="IOException">What was kept cannot be read.</exception>
    public AlertBook(string data, ImmutableArray<HealthBreach> breaches, DateTimeOffset now)
    {
        path = Path.Combine(data, "health-alerts.json");
        failuresPath = Path.Combine(data, "health-alert-failures.jsonl");
        var known = Read(path, data);
        entries = new(StringComparer.Ordinal);
        foreach (var key in breaches.Select(KeyOf))
        {
            entries[key] = known.GetValueOrDefault(key) ?? new AlertEntry { Since = now };
        }
    }

    /// <summary>Names this breach for as long as it lasts; another one of the same kind later has another.</summary>
    public string IdOf(HealthBreach breach) => FormattableString.Invariant($"{KeyOf(breach)} {entries[KeyOf(breach)].Since.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}").Replace(' ', '/');

    public DateTimeOffset SinceOf(HealthBreach breach) => entries[KeyOf(breach)].Since;

    public bool WasTold(HealthBreach breach, string channel) => entries[KeyOf(breach)].Told.Contains(channel);

    /// <summary>It was taken: that is on disk when this returns.</summary>
    public void Told(HealthBreach breach, string channel)
    {
        var entry = entries[KeyOf(breach)];
        entries[KeyOf(breach)] = entry with { Told = entry.Told.Add(channel) };
        Save();
    }

    public void Failed(HealthBreach breach, string channel, int tries, string why, DateTimeOffset at)
    {
        var lines = File.Exists(failuresPath) ? File.ReadAllLines(failuresPath).ToList() : [];
        lines.Add(JsonSerializer.Serialize(new { at, channel, simulation = breach.Simulation, what = breach.What, tries, why }, Json));
        using var file = new WholeFile(failuresPath);
        file.Write(output =>
        {
            foreach (var line in lines.TakeLast(FailuresMax))
            {
                output.Write(line + "\n");
            }
        });
        file.Keep();
    }

    public void Save()
    {
        using var file = new WholeFile(path);
        file.Write(output => output.Write(JsonSerializer.Serialize(entries, Json)));
        file.Keep();
    }

    private static string KeyOf(HealthBreach breach) => $"{breach.Simulation} {breach.What}";

    private static Dictionary<string, AlertEntry> Read(string path, string data)
    {
        try
        {
            if (File.Exists(path))
            {
                return JsonSerializer.Deserialize<Dictionary<string, AlertEntry>>(File.ReadAllText(path), Json) ?? [];
            }

            // As a release before wrote it: what the command was told.
            var older = Path.Combine(data, "health-told.json");
            return File.Exists(older)
                ? (JsonSerializer.Deserialize<string[]>(File.ReadAllText(older)) ?? []).ToDictionary(static key => key, static _ => new AlertEntry { Told = ["command"] }, StringComparer.Ordinal)
                : [];
        }
        catch (JsonException fault)
        {
            throw new IOException($"{path} is damaged ({fault.Message}); without it every breach that lasts is told once more: remove it", fault);
        }
    }
}

/// <summary>A breach that lasts.</summary>
internal sealed record AlertEntry
{
    public DateTimeOffset Since { get; init; }

    /// <summary>Channels that took it.</summary>
    public ImmutableSortedSet<string> Told { get; init; } = [];
}
