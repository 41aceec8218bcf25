using System.Globalization;

namespace Orchestrator.Core.Replay;

/// <summary>What became of each job, as a table.</summary>
public static class JobsCsv
{
    public const string Heading = "job,submit,start,end,procs,wait,run,user,hosts";

    /// <summary>A heading and a line for each job in the order of the workload; times in seconds on the trace's own clock, hosts as "0-3 7".</summary>
    public static void Write(TextWriter output, ReplayResult result)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(result);
        output.Write(Heading);
        output.Write('\n');
        foreach (var job in result.Jobs)
        {
            WriteText(output, job.Job.Id);
            WriteSeconds(output, job.Job.Submit);
            WriteSeconds(output, job.Start);
            WriteSeconds(output, job.End);
            output.Write(',');
            output.Write(job.Job.Processors.ToString(CultureInfo.InvariantCulture));
            WriteSeconds(output, job.Wait);
            WriteSeconds(output, job.End - job.Start);
            output.Write(',');
            WriteText(output, job.Job.User);
            output.Write(',');
            WriteHosts(output, job.Hosts.AsSpan());
            output.Write('\n');
        }
    }

    private static void WriteSeconds(TextWriter output, TimeSpan time)
    {
        Span<char> text = stackalloc char[32];
        output.Write(',');
        if (time.Ticks % TimeSpan.TicksPerSecond == 0)
        {
            (time.Ticks / TimeSpan.TicksPerSecond).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            output.Write(text[..length]);
        }
        else
        {
            ((decimal)time.Ticks / TimeSpan.TicksPerSecond).TryFormat(text, out var length, "0.#######", CultureInfo.InvariantCulture);
            output.Write(text[..length]);
        }
    }

    private static void WriteText(TextWriter output, string text) => output.Write(text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text);

    private static void WriteHosts(TextWriter output, ReadOnlySpan<int> hosts)
    {
        for (var from = 0; from < hosts.Length;)
        {
            var to = from;
            while (to + 1 < hosts.Length && hosts[to + 1] == hosts[to] + 1)
            {
                to++;
            }

            output.Write(string.Create(CultureInfo.InvariantCulture, $"{(from > 0 ? " " : "")}{hosts[from]}{(to > from ? $"-{hosts[to]}" : "")}"));
            from = to + 1;
        }
    }
}
