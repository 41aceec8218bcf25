using System.Collections.Concurrent;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Grains.Tests.FakeAgent;

/// <summary>
/// What the nodes of a test share: the files of checkpoints and results, and who runs where. It refuses what must never happen: two attempts on one core, and two
/// publications of one stage that differ.
/// </summary>
internal sealed class FakeDisk
{
    private readonly Lock gate = new();
    private readonly Dictionary<(AttemptId Attempt, NodeId Node), NodeShare> processes = [];

    /// <summary>By simulation and checkpoint: the program's step and its value.</summary>
    public ConcurrentDictionary<string, (long Step, ulong Value)> Checkpoints { get; } = new();

    /// <summary>By simulation and stage: who published it, and the value.</summary>
    public ConcurrentDictionary<string, (int Epoch, ulong Value)> Results { get; } = new();

    /// <summary>Everything that must never happen, and did.</summary>
    public ConcurrentQueue<string> Violations { get; } = new();

    /// <summary>Every step that was computed, over all attempts.</summary>
    public long StepsDone => Interlocked.Read(ref stepsDone);

    private long stepsDone;

    public void Start(AttemptId attempt, NodeShare share)
    {
        lock (gate)
        {
            foreach (var ((other, node), held) in processes)
            {
                if (node == share.Node && other != attempt && held.Cores.Intersect(share.Cores).Any())
                {
                    Violations.Enqueue($"{attempt} starts on cores of {node} on which {other} still runs");
                }
            }

            processes[(attempt, share.Node)] = share;
        }
    }

    public void End(AttemptId attempt, NodeId node)
    {
        lock (gate)
        {
            processes.Remove((attempt, node));
        }
    }

    /// <summary>Cores on which processes are.</summary>
    public int CoresInUse()
    {
        lock (gate)
        {
            return processes.Values.Sum(static share => share.Cores.Length);
        }
    }

    /// <summary>The attempts of which processes exist, by node.</summary>
    public IReadOnlyList<(AttemptId Attempt, NodeId Node)> Processes()
    {
        lock (gate)
        {
            return [.. processes.Keys];
        }
    }

    public void Publish(AttemptId attempt, ulong value)
    {
        var result = Results.GetOrAdd($"{attempt.Simulation}/{attempt.Stage}", (attempt.Epoch, value));
        if (result.Value != value)
        {
            Violations.Enqueue($"{attempt} published {value}, epoch {result.Epoch} had published {result.Value}");
        }
    }

    /// <summary>One step of every program: what comes out tells whether a step was left out or done twice.</summary>
    public ulong Compute(long step, ulong value)
    {
        Interlocked.Increment(ref stepsDone);
        return (value * 6364136223846793005UL) + (ulong)step;
    }

    /// <summary>What a program of so many steps comes to when nothing disturbs it.</summary>
    public static ulong Undisturbed(long steps)
    {
        var value = 0UL;
        for (var step = 1L; step <= steps; step++)
        {
            value = (value * 6364136223846793005UL) + (ulong)step;
        }

        return value;
    }
}
