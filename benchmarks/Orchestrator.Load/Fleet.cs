using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Load;

/// <summary>All simulated nodes, and what they saw.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly ImmutableArray<SimulatedNode> nodes;
    private readonly ConcurrentDictionary<string, int> troubles = new(StringComparer.Ordinal);
    private CancellationTokenSource silence = new();
    private Task lives = Task.CompletedTask;
    private int registered;
    private int running;
    private int askedToLeave;
    private int refused;

    public Fleet(LoadOptions options, ClusterId cluster) =>
        nodes = [.. Enumerable.Range(0, options.Nodes).Select(number => new SimulatedNode(number, cluster, options, this))];

    public int Count => nodes.Length;

    /// <summary>Nodes that were accepted, each as often as it was.</summary>
    public int RegisteredCount => Volatile.Read(ref registered);

    /// <summary>Simulated programs.</summary>
    public int RunningCount => Volatile.Read(ref running);

    public int AskedToLeaveCount => Volatile.Read(ref askedToLeave);

    /// <summary>Reports that were not accepted.</summary>
    public int RefusedCount => Volatile.Read(ref refused);

    public Latencies Reports { get; private set; } = new();

    public Latencies Beats { get; private set; } = new();

    public string Troubles => troubles.IsEmpty ? "none" : string.Join("; ", troubles.OrderByDescending(static pair => pair.Value).Take(3).Select(static pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} x {pair.Key}")));

    /// <summary>All live from now on, against this silo.</summary>
    public void Live(LoadSilo silo)
    {
        silence.Dispose();
        silence = new();
        lives = Task.WhenAll(nodes.Select(node => node.LiveAsync(silo, silence.Token)));
    }

    /// <summary>They say nothing any more, but what they simulate goes on.</summary>
    public async Task FallSilentAsync()
    {
        await silence.CancelAsync();
        await lives;
    }

    public void Dispose() => silence.Dispose();

    /// <summary>A fault of the run itself ends it.</summary>
    public void Check()
    {
        if (lives.IsFaulted)
        {
            lives.GetAwaiter().GetResult();
        }
    }

    /// <summary>Calls from here on are counted anew.</summary>
    public void CountAnew() => (Reports, Beats) = (new(), new());

    public void Registered() => Interlocked.Increment(ref registered);

    public void Started() => Interlocked.Increment(ref running);

    public void Ended() => Interlocked.Decrement(ref running);

    public void AskedToLeave() => Interlocked.Increment(ref askedToLeave);

    public void Beat(TimeSpan took) => Beats.Add(took);

    public void Reported(TimeSpan took, ReportVerdict verdict)
    {
        Reports.Add(took);
        if (verdict is not (ReportVerdict.Accepted or ReportVerdict.Repeated))
        {
            Interlocked.Increment(ref refused);
        }
    }

    public void Trouble(Exception error) => troubles.AddOrUpdate($"{error.GetType().Name}: {error.Message[..Math.Min(error.Message.Length, 120)]}", 1, static (_, count) => count + 1);
}
