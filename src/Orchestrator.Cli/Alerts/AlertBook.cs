using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Cli.Replay;
using Orchestrator.Core.Reports;

namespace Orchestrator.Cli.Alerts;

/// <summary>
/// Which breaches last, since when, and who was told of them: kept in the data directory, so that each is told once for as long as it lasts, and again when it comes back. Reports with other limits see other breaches:
/// what they told is kept apart, and left alone. Failures to tell are kept beside it, the newest thousand.
/// </summary>
internal sealed class AlertBook
{
    private const int FailuresMax = 1000;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>What reports told that nobody makes any more goes after so long.</summary>
    private static readonly TimeSpan OthersKept = TimeSpan.FromDays(30);

    private readonly string scope;
    private readonly string path;
    private readonly string failuresPath;
    private readonly SortedDictionary<string, AlertEntry> entries;

    /// <param name="data">The data directory.</param>
    /// <param name="limits">Of the report.</param>
    /// <param name="breaches">Those that last now: what is over is forgotten.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="IOException">What was kept cannot be read.</exception>
    public AlertBook(string data, HealthLimits limits, ImmutableArray<HealthBreach> breaches, DateTimeOffset now)
    {
        scope = ScopeOf(limits);
        path = Path.Combine(data, "health-alerts.json");
        failuresPath = Path.Combine(data, "health-alert-failures.jsonl");
        var known = Read(path, data);
        entries = new(StringComparer.Ordinal);
        foreach (var (key, entry) in known)
        {
            var seen = entry.SeenAt ?? now;
            if (ScopeOf(key) != scope && now - seen <= OthersKept)
            {
                entries[key] = entry with { SeenAt = seen };
            }
        }

        foreach (var key in breaches.Select(KeyOf))
        {
            entries[key] = (known.GetValueOrDefault(key) ?? new AlertEntry { Since = now }) with { SeenAt = now };
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

    private string KeyOf(HealthBreach breach) => $"{scope}{breach.Simulation} {breach.What}";

    /// <summary>What sets its keys apart; the usual limits need nothing.</summary>
    private static string ScopeOf(HealthLimits limits) => limits == new HealthLimits() ? ""
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{limits.ProvenAgeMax:c} {limits.LossMax:c} {limits.Expires:O}"))))[..8] + " ";

    private static string ScopeOf(string key) => key.Split(' ') is [var own, _, _] ? own + " " : "";

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

    /// <summary>When a report last found it; null: an older release did.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>Channels that took it.</summary>
    public ImmutableSortedSet<string> Told { get; init; } = [];
}
