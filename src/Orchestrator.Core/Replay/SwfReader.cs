using System.Globalization;

namespace Orchestrator.Core.Replay;

/// <summary>
/// The Standard Workload Format of the Parallel Workloads Archive: 18 numbers a line, -1 for what is unknown, comments after ';', of which the first ones are the header.
/// Lines of parts of a job (status 2 to 4) are left out, since the line of the whole counts. A job's processors are those that it asked for, where that is unknown those that it was given.
/// </summary>
internal static class SwfReader
{
    private const int Fields = 18;

    private static readonly string[] Names =
    [
        "job number", "submit time", "wait time", "run time", "allocated processors", "average CPU time", "used memory", "requested processors", "requested time", "requested memory",
        "status", "user", "group", "executable", "queue", "partition", "preceding job", "think time",
    ];

    public static Workload Read(TextReader text, string name)
    {
        var fields = new JobFields(name);
        int? maxProcs = null, maxNodes = null;
        Span<Range> ranges = stackalloc Range[Fields + 2];
        while (text.ReadLine() is { } line)
        {
            fields.Line++;
            var content = line.AsSpan().Trim();
            if (content.IsEmpty)
            {
                continue;
            }

            if (content[0] == ';')
            {
                maxProcs ??= Header(content, "MaxProcs:", fields);
                maxNodes ??= Header(content, "MaxNodes:", fields);
                continue;
            }

            var count = content.SplitAny(ranges, [' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (count != Fields)
            {
                throw fields.Wrong("", string.Create(CultureInfo.InvariantCulture, $"{(count > Fields ? "more than 18" : count)} fields; a job has {Fields}"));
            }

            Add(fields, content, ranges);
        }

        return fields.Workload(maxProcs ?? maxNodes);
    }

    private static void Add(JobFields fields, ReadOnlySpan<char> line, ReadOnlySpan<Range> ranges)
    {
        var id = line[ranges[0]].ToString();
        var submit = fields.Seconds(line[ranges[1]], Names[1], mayBeUnknown: false)!.Value;
        var run = fields.Seconds(line[ranges[3]], Names[3], mayBeUnknown: true);
        var allocated = fields.Count(line[ranges[4]], Names[4], mayBeUnknown: true);
        var requested = fields.Count(line[ranges[7]], Names[7], mayBeUnknown: true);
        var estimate = fields.Seconds(line[ranges[8]], Names[8], mayBeUnknown: true);
        var user = line[ranges[11]];
        for (var index = 0; index < Fields; index++)
        {
            if (!double.TryParse(line[ranges[index]], NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                throw fields.Wrong(Names[index], $"'{line[ranges[index]]}' is not a number");
            }
        }

        // Codes 2 to 4: one of several executions of a job that has a line of its own for all of them together.
        if (line[ranges[10]] is "2" or "3" or "4")
        {
            fields.Skip(id, SkipReason.PartOfJob);
            return;
        }

        fields.Add(id, submit, run, requested is > 0 ? requested : allocated, estimate, user is "-1" ? "" : user.ToString());
    }

    private static int? Header(ReadOnlySpan<char> comment, string label, JobFields fields)
    {
        var content = comment.TrimStart("; \t");
        if (!content.StartsWith(label, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var value = content[label.Length..].Trim();
        var end = value.IndexOf(' ');
        var number = end < 0 ? value : value[..end];
        return int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : value.StartsWith("-1") || value.StartsWith("unknown", StringComparison.OrdinalIgnoreCase) ? null
            : throw fields.Wrong(label.TrimEnd(':'), $"'{value}' is not a number of processors");
    }
}
