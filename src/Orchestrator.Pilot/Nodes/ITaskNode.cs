using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;

namespace Orchestrator.Pilot.Nodes;

/// <summary>Where tasks run. All calls come under the gate of the run, and the node takes the gate before it reports.</summary>
internal interface ITaskNode : IDisposable
{
    string Name { get; }

    TaskDemand Capacity { get; }

    /// <summary>Cores that it takes ahead of their use.</summary>
    int PrefetchCores { get; }

    /// <summary>It can start nothing for the moment; it asks for more when it can.</summary>
    bool IsPaused { get; }

    /// <summary>Starts a task. It reports the end, also of what could not be started.</summary>
    void Start(TaskLease lease, TaskDefinition task);

    /// <summary>Ends everything, and reports it as returned. Repeats do nothing.</summary>
    void ReturnAll();
}
