using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Pilot.Arrays;

/// <summary>Where a worker of a stage with tasks gets them, and tells of their ends.</summary>
internal interface ITaskSegments
{
    /// <summary>May be repeated with the same sequence.</summary>
    /// <exception cref="TaskSegmentsException">There was no answer, or none that can be used.</exception>
    Task<TaskExchangeReply> ExchangeAsync(int segment, TaskExchange exchange, CancellationToken cancellationToken);
}

/// <summary>A segment gave no answer.</summary>
internal sealed class TaskSegmentsException(string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The same may be said again and succeed.</summary>
    public bool IsTransient => isTransient;
}
