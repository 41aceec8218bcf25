namespace Orchestrator.Core.Replay.Campaigns;

/// <summary>What became of every hour of every node: each is used, idle, down, or in a window. A node of which a part of the cores is used is used by that part.</summary>
internal sealed class NodeHours(int[] cores)
{
    private readonly long[] since = new long[cores.Length];
    private readonly int[] used = new int[cores.Length];
    private readonly bool[] down = new bool[cores.Length];
    private readonly bool[] window = new bool[cores.Length];
    private readonly double[] sums = new double[4];

    /// <summary>Node-ticks.</summary>
    public double Used => sums[0];

    public double Idle => sums[1];

    public double Down => sums[2];

    /// <summary>Not used because a window was, or waited to be, in force.</summary>
    public double Window => sums[3];

    public bool IsDown(int node) => down[node];

    public void Take(int node, int count, long now)
    {
        Count(node, now);
        used[node] += count;
    }

    public void SetDown(int node, bool value, long now)
    {
        Count(node, now);
        down[node] = value;
    }

    public void SetWindow(int node, bool value, long now)
    {
        if (window[node] != value)
        {
            Count(node, now);
            window[node] = value;
        }
    }

    public void Close(long now)
    {
        for (var node = 0; node < cores.Length; node++)
        {
            Count(node, now);
        }
    }

    private void Count(int node, long now)
    {
        double time = now - since[node];
        since[node] = now;
        if (down[node])
        {
            sums[2] += time;
            return;
        }

        var part = used[node] / (double)cores[node];
        sums[0] += time * part;
        sums[window[node] ? 3 : 1] += time * (1 - part);
    }
}
