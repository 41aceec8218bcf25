using System.Globalization;

namespace Orchestrator.Core.Replay;

/// <summary>
/// A table with a heading: job, submit, run, procs, req_time and, if it is there, user, times in seconds; other columns are ignored. A requested time that is empty or -1 is
/// unknown; other amounts must be known. Fields may be quoted.
/// </summary>
internal static class JobsCsvReader
{
    private static readonly string[] Required = ["job", "submit", "run", "procs", "req_time"];

    public static Workload Read(TextReader text, string name)
    {
        var fields = new JobFields(name) { Line = 1 };
        var heading = new List<string>();
        Split(text.ReadLine() ?? throw fields.Wrong("", "it is empty; the first line names the columns"), heading, fields);
        var columns = Required.Append("user").Select(column => heading.FindIndex(each => each.Trim().Equals(column, StringComparison.OrdinalIgnoreCase))).ToArray();
        var missing = Required.Where((_, index) => columns[index] < 0).ToList();
        if (missing.Count > 0)
        {
            throw fields.Wrong("", $"{(missing.Count == 1 ? "column" : "columns")} {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing; needed: {string.Join(", ", Required)}");
        }

        var cells = new List<string>(heading.Count);
        while (text.ReadLine() is { } line)
        {
            fields.Line++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            Split(line, cells, fields);
            if (cells.Count != heading.Count)
            {
                throw fields.Wrong("", string.Create(CultureInfo.InvariantCulture, $"{cells.Count} fields; the heading has {heading.Count}"));
            }

            var estimate = cells[columns[4]].Trim();
            fields.Add(
                cells[columns[0]].Trim(),
                fields.Seconds(cells[columns[1]], "submit", mayBeUnknown: false)!.Value,
                fields.Seconds(cells[columns[2]], "run", mayBeUnknown: false),
                fields.Count(cells[columns[3]].AsSpan().Trim(), "procs", mayBeUnknown: false),
                estimate.Length == 0 ? null : fields.Seconds(estimate, "req_time", mayBeUnknown: true),
                columns[5] < 0 || cells[columns[5]].Trim() is "-1" ? "" : cells[columns[5]].Trim());
        }

        return fields.Workload(null);
    }

    private static void Split(string line, List<string> cells, JobFields fields)
    {
        cells.Clear();
        for (var at = 0; ;)
        {
            if (at < line.Length && line[at] == '"')
            {
                var cell = new System.Text.StringBuilder();
                for (at++; ; at++)
                {
                    if (at >= line.Length)
                    {
                        throw fields.Wrong("", "a quoted field does not end on its line");
                    }

                    if (line[at] != '"')
                    {
                        cell.Append(line[at]);
                    }
                    else if (at + 1 < line.Length && line[at + 1] == '"')
                    {
                        cell.Append(line[++at]);
                    }
                    else
                    {
                        break;
                    }
                }

                cells.Add(cell.ToString());
                at++;
                if (at < line.Length && line[at] != ',')
                {
                    throw fields.Wrong("", "something follows a quoted field");
                }
            }
            else
            {
                var end = line.IndexOf(',', at);
                cells.Add(end < 0 ? line[at..] : line[at..end]);
                at = end < 0 ? line.Length : end;
            }

            if (at >= line.Length)
            {
                return;
            }

            at++;
        }
    }
}
