using System.Globalization;

namespace Orchestrator.Load;

/// <summary>Durations of one kind of call. Safe for several threads.</summary>
internal sealed class Latencies
{
    private readonly Lock gate = new();
    private readonly List<double> milliseconds = [];

    public void Add(TimeSpan duration)
    {
        lock (gate)
        {
            milliseconds.Add(duration.TotalMilliseconds);
        }
    }

    /// <summary>Milliseconds, of which one in a hundred takes more; 0: there was none.</summary>
    public double At99
    {
        get
        {
            lock (gate)
            {
                milliseconds.Sort();
                return milliseconds.Count == 0 ? 0 : At(0.99);
            }
        }
    }

    public override string ToString()
    {
        lock (gate)
        {
            milliseconds.Sort();
            return milliseconds.Count == 0
                ? "none"
                : string.Create(CultureInfo.InvariantCulture, $"{milliseconds.Count:N0} times, p50 {At(0.5):N1} ms, p99 {At(0.99):N1} ms, max {milliseconds[^1]:N1} ms");
        }
    }

    private double At(double part) => milliseconds[Math.Min(milliseconds.Count - 1, (int)(part * milliseconds.Count))];
}
