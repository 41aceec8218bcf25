using Microsoft.Extensions.Logging;

namespace Orchestrator.Grains.TaskSets;

internal static partial class TaskSegmentGrainLog
{
    [LoggerMessage(1600, LogLevel.Information, "{Segment} was opened with {Tasks} tasks.")]
    public static partial void Opened(ILogger logger, string segment, int tasks);

    [LoggerMessage(1601, LogLevel.Information, "{Segment}: what worker {Worker} had up to epoch {Epoch} was taken back.")]
    public static partial void Fenced(ILogger logger, string segment, int worker, int epoch);

    [LoggerMessage(1602, LogLevel.Information, "{Segment} was finished: {Completed} tasks completed, {Failed} failed.")]
    public static partial void Finished(ILogger logger, string segment, int completed, int failed);
}
