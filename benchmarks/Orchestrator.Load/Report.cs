using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Load;

/// <summary>Prints what was measured, one line each, and knows how far the goals are.</summary>
internal sealed class Report
{
    private readonly Stopwatch watch = Stopwatch.StartNew();

    public bool IsMissed { get; private set; }

    public void Say(FormattableString text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds,7:N1} s  {FormattableString.Invariant(text)}"));

    /// <summary>A goal is a line of its own.</summary>
    public void Goal(bool reached, FormattableString text)
    {
        IsMissed |= !reached;
        Say($"{(reached ? "reached" : "MISSED")}: {FormattableString.Invariant(text)}");
    }

    public static TimeSpan CpuTime => Environment.CpuUsage.TotalTime;

    /// <summary>Bytes of the managed heap after a full collection.</summary>
    public static long Heap()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
