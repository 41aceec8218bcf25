using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Benchmarks;

/// <summary>One question asked some hundred times in one process: where a benchmark tells means, this tells the worst of a hundred.</summary>
internal sealed class Measured(string name)
{
    private readonly List<double> wall = [];
    private readonly List<double> cpu = [];
    private long allocated;

    public static string Header => string.Create(CultureInfo.InvariantCulture, $"{"milliseconds",-44} {"times",6} {"p50",9} {"p99",9} {"max",9} {"cpu p50",9} {"cpu p99",9} {"KB each",9}");

    /// <summary>CPU time is of the whole process, its collector and compiler too: on a machine that others use it says more than the clock.</summary>
    public T Time<T>(Func<T> work)
    {
        var bytes = GC.GetTotalAllocatedBytes();
        var used = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var result = work();
        wall.Add(watch.Elapsed.TotalMilliseconds);
        cpu.Add((Environment.CpuUsage.TotalTime - used).TotalMilliseconds);
        allocated += GC.GetTotalAllocatedBytes() - bytes;
        return result;
    }

    public override string ToString()
    {
        wall.Sort();
        cpu.Sort();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-44} {wall.Count,6} {At(wall, 0.5),9:N2} {At(wall, 0.99),9:N2} {wall[^1],9:N2} {At(cpu, 0.5),9:N2} {At(cpu, 0.99),9:N2} {allocated / 1024 / wall.Count,9:N0}");
    }

    private static double At(List<double> sorted, double part) => sorted[Math.Min(sorted.Count - 1, (int)(part * sorted.Count))];
}
