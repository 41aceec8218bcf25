using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Core.Replay;

/// <summary>
/// A workload of Batsim: nb_res hosts, jobs (id, subtime, res, walltime, profile) and their profiles. A profile of type delay takes its time on any platform; a sequence (composed)
/// of such takes the sum, as often as it repeats. How long the other types take only a simulation of their platform knows: they are refused. Batsim ends a job when its walltime is up.
/// </summary>
internal static class BatsimReader
{
    public static Workload Read(TextReader text, string name)
    {
        var fields = new JobFields(name);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text.ReadToEnd(), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException fault)
        {
            throw WorkloadException.At(name, (int)(fault.LineNumber ?? -1) + 1, "", $"it is no JSON: {fault.Message}", fault);
        }

        using (document)
        {
            var root = document.RootElement;
            var jobs = Member(root, "jobs", JsonValueKind.Array, "", fields);
            var profiles = Member(root, "profiles", JsonValueKind.Object, "", fields);
            var durations = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (var job in jobs.EnumerateArray())
            {
                fields.Line++;
                var place = $"jobs[{(fields.Line - 1).ToString(CultureInfo.InvariantCulture)}]";
                var profile = Member(job, "profile", JsonValueKind.String, place, fields).GetString()!;
                if (!durations.TryGetValue(profile, out var run))
                {
                    durations[profile] = run = Duration(profiles, profile, place, fields, 0);
                }

                var walltime = job.TryGetProperty("walltime", out var limit) ? Number(limit, $"{place}.walltime", fields) : -1;
                fields.Add(
                    Text(Member(job, "id", JsonValueKind.Undefined, place, fields), $"{place}.id", fields),
                    fields.Seconds(Number(Member(job, "subtime", JsonValueKind.Number, place, fields), $"{place}.subtime", fields), $"{place}.subtime"),
                    run,
                    Count(Member(job, "res", JsonValueKind.Number, place, fields), $"{place}.res", fields),
                    walltime == -1 ? null : fields.Seconds(walltime, $"{place}.walltime"),
                    job.TryGetProperty("user", out var user) ? Text(user, $"{place}.user", fields) : "",
                    computes: false);
            }

            return fields.Workload(root.TryGetProperty("nb_res", out var hosts) ? Hosts(hosts, fields) : null);
        }
    }

    private static int Hosts(JsonElement value, JobFields fields)
    {
        fields.Line = 0;
        var hosts = Count(value, "nb_res", fields);
        return hosts > 0 ? hosts : throw fields.Wrong("nb_res", "0; at least 1 host is needed");
    }

    private static long Duration(JsonElement profiles, string name, string place, JobFields fields, int depth)
    {
        if (!profiles.TryGetProperty(name, out var profile))
        {
            throw fields.Wrong($"{place}.profile", $"there is no profile '{name}'");
        }

        var path = $"profiles.{name}";
        if (depth > 32)
        {
            throw fields.Wrong(path, "sequences are nested deeper than 32, or contain themselves");
        }

        var type = Member(profile, "type", JsonValueKind.String, path, fields).GetString()!;
        switch (type)
        {
            case "delay":
                return fields.Seconds(Number(Member(profile, "delay", JsonValueKind.Number, path, fields), $"{path}.delay", fields), $"{path}.delay");
            case "composed" or "sequence":
                var repeat = profile.TryGetProperty("repeat", out var times) || profile.TryGetProperty("nb", out times) ? Count(times, $"{path}.repeat", fields) : 1;
                var sum = 0L;
                foreach (var part in Member(profile, "seq", JsonValueKind.Array, path, fields).EnumerateArray())
                {
                    sum += Duration(profiles, Text(part, $"{path}.seq", fields), path, fields, depth + 1);
                }

                return fields.Seconds((double)sum * repeat / TimeSpan.TicksPerSecond, path);
            default:
                throw fields.Wrong($"{path}.type", $"'{type}' takes a time that depends on the platform; allowed: delay, composed, sequence");
        }
    }

    private static JsonElement Member(JsonElement element, string name, JsonValueKind kind, string place, JobFields fields)
    {
        var path = place.Length == 0 ? name : $"{place}.{name}";
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw fields.Wrong(place, "it is not an object");
        }

        return !element.TryGetProperty(name, out var value) ? throw fields.Wrong(path, "it is missing")
            : kind != JsonValueKind.Undefined && value.ValueKind != kind ? throw fields.Wrong(path, $"it is not {(kind == JsonValueKind.Array ? "a list" : kind == JsonValueKind.Object ? "an object" : kind == JsonValueKind.Number ? "a number" : "a text")}")
            : value;
    }

    private static double Number(JsonElement value, string path, JobFields fields) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw fields.Wrong(path, "it is not a number");

    private static int Count(JsonElement value, string path, JobFields fields) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0 ? count : throw fields.Wrong(path, $"{value} is not a whole number from 0 on");

    private static string Text(JsonElement value, string path, JobFields fields) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            _ => throw fields.Wrong(path, "it is neither a text nor a number"),
        };
}
