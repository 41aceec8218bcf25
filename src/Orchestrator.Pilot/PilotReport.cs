using System.Globalization;
using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot;

/// <summary>The lines of a pilot. Starts are told when they happen, ends when they are on the disk.</summary>
internal sealed class PilotReport(TextWriter output, TextWriter error, LineMode mode, TimeProvider clock)
{
    /// <summary>Two lines for each of so many tasks are still read by somebody.</summary>
    private const int FewTasks = 2000;

    private const int FailuresToldMax = 1000;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly long startedAt = clock.GetTimestamp();
    private long progressAt = clock.GetTimestamp();
    private int failuresTold;
    private bool isLarge;

    /// <summary>How many tasks there are, once that is known and whenever it changes.</summary>
    public void Expect(int tasks) => isLarge = mode == LineMode.Auto && tasks > FewTasks;

    public bool TellsEach => mode != LineMode.Quiet && !isLarge;

    public void Say(string line)
    {
        lock (gate)
        {
            if (mode != LineMode.Quiet)
            {
                output.WriteLine(line);
                output.Flush();
            }
        }
    }

    public void Warn(string line)
    {
        lock (gate)
        {
            error.WriteLine(line);
            error.Flush();
        }
    }

    public void Started(string id, int cores)
    {
        lock (gate)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"▶ {id} ({cores}c)"));
        }
    }

    /// <summary>Writes what was held back.</summary>
    public void Flush()
    {
        lock (gate)
        {
            output.Flush();
        }
    }

    public void Ended(TaskEnd end, string id, TaskShape shape)
    {
        var seconds = end.Duration.TotalSeconds;
        lock (gate)
        {
            if (end.Outcome == TaskOutcome.Completed)
            {
                if (TellsEach)
                {
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"✓ {id} ({seconds:0.0}s)"));
                }

                return;
            }

            if (mode == LineMode.Quiet || (isLarge && ++failuresTold > FailuresToldMax))
            {
                return;
            }

            var why = end.Outcome switch
            {
                TaskOutcome.TimedOut => string.Create(CultureInfo.InvariantCulture, $"ended after its time-out of {shape.Timeout?.TotalSeconds:0.###} s"),
                TaskOutcome.NotStarted => end.Message ?? "could not be started",
                TaskOutcome.Skipped => "not run: a task that it waits for failed",
                _ => end.Code < 0 ? string.Create(CultureInfo.InvariantCulture, $"ended by signal {-end.Code}") : string.Create(CultureInfo.InvariantCulture, $"exit status {end.Code}"),
            };
            output.WriteLine(end.Outcome == TaskOutcome.Skipped ? $"✗ {id} {why}"
                : end.IsFinal ? string.Create(CultureInfo.InvariantCulture, $"✗ {id} {why} ({seconds:0.0}s)")
                : string.Create(CultureInfo.InvariantCulture, $"↻ {id} {why}, attempt {end.Lease.Attempt} of {shape.RetriesMax + 1} ({seconds:0.0}s)"));
            if (failuresTold == FailuresToldMax)
            {
                output.WriteLine("… further failures are in the database and in summary.json");
            }
        }
    }

    /// <summary>A line every two seconds where there is none for each task.</summary>
    public void Progress(int ended, int all, int failed, int running, int endedNow)
    {
        lock (gate)
        {
            if (!isLarge || clock.GetElapsedTime(progressAt) < Every)
            {
                return;
            }

            progressAt = clock.GetTimestamp();
            var rate = endedNow / clock.GetElapsedTime(startedAt).TotalSeconds;
            var left = rate > 0 ? string.Create(CultureInfo.InvariantCulture, $", about {TimeSpan.FromSeconds(Math.Min((all - ended) / rate, TimeSpan.FromDays(1000).TotalSeconds)):d\\.hh\\:mm\\:ss} left") : "";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ended:N0} of {all:N0} ({100.0 * ended / Math.Max(1, all):0} %), {running} running, {failed} failed, {rate:0}/s{left}"));
            output.Flush();
        }
    }
}
