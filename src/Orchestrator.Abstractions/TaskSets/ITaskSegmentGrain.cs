using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Ids;
using Orchestrator.Core.TaskSets.Segments;
using Orleans.Concurrency;

namespace Orchestrator.Abstractions.TaskSets;

/// <summary>Some thousand tasks of a stage that is an array, in one run of it; see <see cref="TaskSegmentKey"/>. What it answers is stored.</summary>
[Alias("orchestrator.task-segment")]
public interface ITaskSegmentGrain : IGrainWithStringKey
{
    /// <summary>Tells it what its tasks ask for; all of them wait then. A repeat changes nothing.</summary>
    [Alias("open")]
    Task OpenAsync(ImmutableArray<TaskRow> rows, CancellationToken cancellationToken = default);

    /// <summary>Takes ends from a worker and gives it more. A repeat with the same sequence gets the same batch.</summary>
    [Alias("exchange")]
    Task<TaskExchangeReply> ExchangeAsync(SegmentExchange exchange, CancellationToken cancellationToken = default);

    /// <summary>What failed for good waits again, from its first attempt, and so does what attempts had that are over. A repeat changes nothing.</summary>
    /// <param name="over">For each worker the newest epoch whose attempt is over.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("resume")]
    Task<TaskResumption> ResumeAsync(ImmutableSortedDictionary<int, int> over, CancellationToken cancellationToken = default);

    /// <param name="failuresMax">So many of the failures are told, the first ones by number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("look"), ReadOnly]
    Task<TaskSegmentView> GetAsync(int failuresMax = 0, CancellationToken cancellationToken = default);
}

/// <summary>Names the segments of task sets.</summary>
public static class TaskSegmentKey
{
    /// <param name="simulation">Whose.</param>
    /// <param name="set">The stage.</param>
    /// <param name="run">Which run of its tasks; another one for each time that they are told to begin anew.</param>
    /// <param name="segment">From 0.</param>
    public static string Of(SimulationId simulation, string set, int run, int segment) => string.Create(CultureInfo.InvariantCulture, $"{simulation}/{set}/{run}/{segment}");
}

/// <summary>What a worker says, and what is known of the others.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.segment-exchange")]
public sealed record SegmentExchange
{
    [Id(0)] public TaskExchange Exchange { get; init; } = new();

    /// <summary>For each worker the newest epoch whose attempt is over: what it had waits again.</summary>
    [Id(1)] public ImmutableSortedDictionary<int, int> Over { get; init; } = ImmutableSortedDictionary<int, int>.Empty;

    /// <summary>Other workers of the set run, though they may never have asked this segment: what fails is kept for them for a while.</summary>
    [Id(2)] public bool HasOthers { get; init; }
}

/// <summary>A segment as it stands.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-segment-view")]
public sealed record TaskSegmentView
{
    /// <summary>False: no worker has asked yet, so that all of its tasks wait and none is counted.</summary>
    [Id(0)] public bool IsOpen { get; init; }

    [Id(1)] public TaskCounts Counts { get; init; } = new();

    /// <summary>What failed for good, by number, as far as it was asked for.</summary>
    [Id(2)] public ImmutableSortedDictionary<int, TaskFailure> Failed { get; init; } = ImmutableSortedDictionary<int, TaskFailure>.Empty;

    /// <summary>Of all ends that counted.</summary>
    [Id(3)] public TimeSpan TaskTime { get; init; }
}

/// <summary>A segment, once its failed tasks wait again.</summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-resumption")]
public sealed record TaskResumption
{
    /// <summary>So many had failed for good.</summary>
    [Id(0)] public int Retried { get; init; }

    /// <summary>Something of it waits or runs; of one that knows no task yet, all does.</summary>
    [Id(1)] public bool IsLeft { get; init; }

    /// <summary>For each worker that was heard of the newest epoch that gets nothing more here: its attempt is over, or has found nothing left and is about to end.</summary>
    [Id(2)] public ImmutableSortedDictionary<int, int> OverTo { get; init; } = ImmutableSortedDictionary<int, int>.Empty;
}
