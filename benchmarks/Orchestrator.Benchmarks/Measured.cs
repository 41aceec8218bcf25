using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>One question asked some hundred times in one process: where a benchmark tells means, this tells the worst of a hundred.</summary>
internal sealed class Measured(string name)
{
    private readonly List<double> wall = [];
    private readonly List<double> cpu = [];
    private readonly int[] collections = new int[3];
    private long allocated;

    public static string Header => string.Create(CultureInfo.InvariantCulture, $"{"milliseconds",-44} {"times",6} {"cpu p50",9} {"cpu p99",9} {"cpu max",9} {"wall p50",9} {"wall p99",9} {"wall max",9} {"KB each",9} {"collected",11}");

    /// <summary>CPU time is of the thread that works: on a machine that others use it says more than the clock.</summary>
    public T Time<T>(Func<T> work)
    {
        Count(-1);
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var used = ThreadClock.Now;
        var result = work();
        cpu.Add((ThreadClock.Now - used).TotalMilliseconds);
        wall.Add(watch.Elapsed.TotalMilliseconds);
        allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
        Count(+1);
        return result;
    }

    public override string ToString()
    {
        wall.Sort();
        cpu.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-44} {wall.Count,6} {At(cpu, 0.5),9:N2} {At(cpu, 0.99),9:N2} {cpu[^1],9:N2} {At(wall, 0.5),9:N2} {At(wall, 0.99),9:N2} {wall[^1],9:N2} {allocated / 1024 / wall.Count,9:N0} {string.Join('/', collections),11}");
    }

    /// <summary>Collections of each generation, those of higher ones included: their time is the thread's too.</summary>
    private void Count(int sign)
    {
        for (var generation = 0; generation < collections.Length; generation++)
        {
            collections[generation] += sign * GC.CollectionCount(generation);
        }
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(part * sorted.Count))];
}
