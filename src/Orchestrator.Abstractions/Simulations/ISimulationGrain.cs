using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orleans.Concurrency;

namespace Orchestrator.Abstractions.Simulations;

/// <summary>One simulation, by its id: its graph of stages, their attempts and checkpoints, until it ends.</summary>
[Alias("orchestrator.simulation")]
public interface ISimulationGrain : IGrainWithStringKey
{
    /// <summary>Accepts the simulation. A repeat with the same definition is accepted and changes nothing; another definition under the same id is refused.</summary>
    [Alias("submit")]
    Task<SubmitReply> SubmitAsync(SubmitRequest request, CancellationToken cancellationToken = default);

    /// <summary>Cancels, pauses, resumes, or asks for checkpoints. A repeat changes nothing.</summary>
    [Alias("control")]
    Task<ControlReply> ControlAsync(SimulationOrder order, CancellationToken cancellationToken = default);

    /// <summary>Adds stages, or does what a person asks of one stage; a repeat changes nothing. What is refused changes nothing, and everything that speaks against it is told.</summary>
    [Alias("steer")]
    Task<StageReply> SteerAsync(StageOrder order, CancellationToken cancellationToken = default);

    /// <summary>Everything that lists and reports show of it; null when it was never submitted.</summary>
    [Alias("get"), ReadOnly]
    Task<SimulationView?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>The workers of a stage with tasks, by its name or that of one of them: what each of their exchanges needs to know, and no more. Null: there is no such simulation.</summary>
    [Alias("get-task-workers"), ReadOnly]
    Task<TaskWorkersView?> GetTaskWorkersAsync(string stage, CancellationToken cancellationToken = default);

    /// <summary>Takes in what an agent says of an attempt. A repeat gets the same instruction.</summary>
    [Alias("report")]
    Task<ReportReply> ReportAsync(AttemptReport report, CancellationToken cancellationToken = default);

    /// <summary>What the lead agent starts; refused for every attempt but the newest of its stage while that holds its lease. A repeat gets the same answer.</summary>
    [Alias("get-launch")]
    Task<LaunchReply> GetLaunchAsync(AttemptId attempt, NodeId node, CancellationToken cancellationToken = default);

    /// <summary>Something changed at the cluster or is due: look. Repeats and lost calls do no harm.</summary>
    [Alias("nudge"), OneWay]
    Task NudgeAsync();
}
