namespace Orchestrator.Core.Forecasting.Runtimes;

/// <summary>The last runs of one kind, in seconds.</summary>
internal sealed class RecentRuns
{
    private const int Most = 16;

    private readonly double[] runs = new double[Most];
    private int next;

    public int Count { get; private set; }

    public void Add(double run)
    {
        runs[next] = run;
        next = (next + 1) % Most;
        Count = Math.Min(Count + 1, Most);
    }

    /// <summary>The newest is 0.</summary>
    public double this[int back] => runs[(next - 1 - back + (2 * Most)) % Most];

    public double Median(int of)
    {
        Span<double> sorted = stackalloc double[Math.Min(of, Count)];
        for (var back = 0; back < sorted.Length; back++)
        {
            sorted[back] = this[back];
        }

        sorted.Sort();
        return Analysis.Statistics.Quantile(sorted, 0.5);
    }
}
