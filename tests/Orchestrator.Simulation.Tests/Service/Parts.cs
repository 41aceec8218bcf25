using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Simulation.Tests.Service;

/// <summary>The machines and the rules around them, as they are. A planted bug overrides one of them.</summary>
internal class Parts
{
    public static Parts Right { get; } = new();

    /// <summary>The adversary's means, when they are not left to chance; empty: they are.</summary>
    public virtual IReadOnlyList<string> Means => [];

    public virtual SimulationPolicy SimulationPolicy { get; } = new();

    public virtual ClusterPolicy ClusterPolicy { get; } = new() { Cluster = new("k-main"), ForgetNodesAfter = TimeSpan.FromHours(6) };

    /// <summary>A cluster changes its state once its facts are stored, not before.</summary>
    public virtual bool ClusterStoresFirst => true;

    /// <summary>Clusters look at all nodes once per detection window.</summary>
    public virtual bool ClusterSurveys => true;

    public virtual SimulationState Step(SimulationState state, SimulationInput input, DateTimeOffset now, DateTimeOffset watchedSince) =>
        SimulationMachine.Step(state, input, now, SimulationPolicy with { WatchedSince = watchedSince });

    public virtual ReportVerdict Judge(SimulationState state, AttemptReport report) => SimulationMachine.Judge(state, report);

    /// <summary>An agent takes an attempt that is wanted and that it does not hold.</summary>
    /// <param name="epoch">Of the attempt.</param>
    /// <param name="highest">That it ever held of the stage.</param>
    public virtual bool Takes(int epoch, int highest) => epoch > highest;

    /// <summary>An agent compares the bytes of a checkpoint before it restores it.</summary>
    public virtual bool ComparesBytes(CheckpointRecord checkpoint) => true;

    /// <summary>An agent makes outputs durable before it reports the exit.</summary>
    public virtual bool SyncsOutputs => true;

    /// <summary>An agent says goodbye only where no rank of a program that is led elsewhere runs.</summary>
    public virtual bool LooksForRanks => true;

    /// <summary>What wakes a simulation every few minutes has it compare itself with its cluster.</summary>
    public virtual bool RemindersReconcile => true;
}
