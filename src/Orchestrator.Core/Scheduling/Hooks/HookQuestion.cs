using System.Buffers;
using System.Text;
using System.Text.Json;
using Orchestrator.Core.Scheduling.Order;

namespace Orchestrator.Core.Scheduling.Hooks;

/// <summary>What a hook is asked: the waiting attempts in their turn, with all that their priority is made of.</summary>
public sealed class HookQuestion
{
    /// <summary>The version of the form, its only one.</summary>
    public const int Version = 1;

    private HookQuestion(string json, IReadOnlySet<string> attempts) => (Json, Attempts) = (json, attempts);

    /// <summary>
    /// <c>{"version":1,"at":…,"waiting":[{"attempt":…,"turn":1,"priority":…,"source":"computed","class":"medium","counts_as":"high","factors":{…},…}]}</c>. Moments are ISO 8601 in UTC,
    /// durations seconds, sizes bytes.
    /// </summary>
    public string Json { get; }

    /// <summary>Texts of the attempts that it names: an answer can be of these alone.</summary>
    public IReadOnlySet<string> Attempts { get; }

    /// <param name="ranked">What waits, in its turn, as computed or overridden.</param>
    /// <param name="now">When it is asked.</param>
    /// <param name="attemptsMax">So many of the first are told; at least 1.</param>
    public static HookQuestion Of(IReadOnlyList<RankedRequest> ranked, DateTimeOffset now, int attemptsMax)
    {
        ArgumentNullException.ThrowIfNull(ranked);
        ArgumentOutOfRangeException.ThrowIfLessThan(attemptsMax, 1);
        var buffer = new ArrayBufferWriter<byte>();
        var attempts = new HashSet<string>(StringComparer.Ordinal);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("at", now.UtcDateTime);
            json.WriteNumber("waiting_in_all", ranked.Count);
            json.WriteStartArray("waiting");
            for (var turn = 0; turn < Math.Min(ranked.Count, attemptsMax); turn++)
            {
                var attempt = ranked[turn].Request.Attempt.ToString();
                attempts.Add(attempt);
                Write(json, attempt, turn, ranked[turn]);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new(Encoding.UTF8.GetString(buffer.WrittenSpan), attempts);
    }

    private static void Write(Utf8JsonWriter json, string attempt, int turn, in RankedRequest ranked)
    {
        var request = ranked.Request;
        json.WriteStartObject();
        json.WriteString("attempt", attempt);
        json.WriteNumber("turn", turn + 1);
        json.WriteNumber("priority", ranked.Priority);
        json.WriteString("source", Word(ranked.Source));
        json.WriteString("class", Word(request.Priority));
        json.WriteString("counts_as", Word(ranked.Class));
        json.WriteStartObject("factors");
        json.WriteNumber("class", ranked.Factors.Class);
        json.WriteNumber("age", ranked.Factors.Age);
        json.WriteNumber("fair_share", ranked.Factors.FairShare);
        json.WriteNumber("deadline", ranked.Factors.Deadline);
        json.WriteNumber("size", ranked.Factors.Size);
        json.WriteNumber("promise", ranked.Factors.Promise);
        json.WriteEndObject();
        json.WriteString("institution", request.Owner.Institution);
        json.WriteString("project", request.Owner.Project);
        json.WriteString("user", request.Owner.User);
        json.WriteString("job_type", request.JobType);
        json.WriteString("queued_since", request.QueuedSince.UtcDateTime);
        Seconds(json, "estimate", request.DurationEstimate);
        Seconds(json, "expected", request.DurationExpected);
        if (request.Deadline is { } deadline)
        {
            json.WriteString("deadline", deadline.UtcDateTime);
        }

        json.WriteBoolean("protected", request.Protected);
        json.WriteNumber("preemptions", request.Preemptions);
        json.WriteNumber("nodes", request.Resources.Nodes);
        json.WriteNumber("cores_per_node", (long)request.Resources.RanksPerNode * request.Resources.Threads);
        json.WriteNumber("memory_per_node", request.Resources.MemoryPerNode);
        json.WriteNumber("gpus_per_node", request.Resources.GpusPerNode);
        json.WriteEndObject();
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan? duration)
    {
        if (duration is { } known)
        {
            json.WriteNumber(name, known.TotalSeconds);
        }
    }

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
