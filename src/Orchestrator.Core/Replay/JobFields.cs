using System.Globalization;

namespace Orchestrator.Core.Replay;

/// <summary>The rules that all formats of traces share, and the place in the trace that their errors name.</summary>
internal sealed class JobFields(string file)
{
    /// <summary>Seconds, some 300 years: a sum of many is still a time.</summary>
    private const double SecondsMax = 1e10;

    private readonly List<(WorkloadJob Job, int Place)> jobs = [];
    private readonly List<SkippedJob> skipped = [];
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <summary>Of the line, or the job, that is read.</summary>
    public int Line { get; set; }

    /// <summary>Ticks; -1, where it may be, is unknown: null.</summary>
    public long? Seconds(ReadOnlySpan<char> text, string field, bool mayBeUnknown)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value))
        {
            throw Wrong(field, $"'{text}' is not a number of seconds");
        }

        return mayBeUnknown && value == -1 ? null : Seconds(value, field);
    }

    /// <summary>Ticks of so many seconds.</summary>
    public long Seconds(double value, string field) => value is >= 0 and <= SecondsMax
        ? (long)Math.Round(value * TimeSpan.TicksPerSecond)
        : throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"{value} seconds; allowed: 0 to {SecondsMax:0}"));

    /// <summary>A count; -1, where it may be, is unknown: null.</summary>
    public int? Count(ReadOnlySpan<char> text, string field, bool mayBeUnknown)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            throw Wrong(field, $"'{text}' is not a whole number");
        }

        return value >= 0 ? value : mayBeUnknown && value == -1 ? null : throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"{value} is negative"));
    }

    /// <summary>Keeps the job, or notes why it is left out.</summary>
    /// <param name="id">Unique.</param>
    /// <param name="submit">Ticks.</param>
    /// <param name="run">Ticks; null: unknown.</param>
    /// <param name="processors">Null: unknown.</param>
    /// <param name="estimate">Ticks; null or 0: unknown.</param>
    /// <param name="user">"": unknown.</param>
    /// <param name="computes">See <see cref="WorkloadJob.Computes"/>.</param>
    public void Add(string id, long submit, long? run, int? processors, long? estimate, string user, bool computes = true)
    {
        if (id.Length == 0)
        {
            throw Wrong("job", "it is empty");
        }

        if (!places.TryAdd(id, Line))
        {
            throw Wrong("job", $"{id} is there twice, first at {places[id]}");
        }

        var reason = run is null or 0 ? SkipReason.NeverRan : processors is null or 0 ? SkipReason.NoProcessors : SkipReason.Absent;
        if (reason != SkipReason.Absent)
        {
            Skip(id, reason);
            return;
        }

        var limit = estimate is > 0 ? estimate : null;
        jobs.Add((new WorkloadJob
        {
            Id = id,
            Submit = new TimeSpan(submit),
            Run = new TimeSpan(Math.Min(run!.Value, limit ?? long.MaxValue)),
            Processors = processors!.Value,
            Estimate = limit is null ? null : new TimeSpan(limit.Value),
            User = user,
            Computes = computes,
        }, Line));
    }

    /// <summary>Notes that a line is left out.</summary>
    public void Skip(string id, SkipReason reason) => skipped.Add(new SkippedJob { Id = id, Place = Line, Reason = reason });

    public Workload Workload(int? processors) => jobs.Count + skipped.Count == 0
        ? throw WorkloadException.At(file, 0, "", "it has no jobs")
        : new Workload
        {
            Name = Path.GetFileName(file),
            Jobs = [.. jobs.OrderBy(static each => each.Job.Submit).Select(static each => each.Job)],
            Processors = processors,
            Skipped = [.. skipped],
        };

    public WorkloadException Wrong(string field, string problem, Exception? inner = null) => WorkloadException.At(file, Line, field, problem, inner);
}
