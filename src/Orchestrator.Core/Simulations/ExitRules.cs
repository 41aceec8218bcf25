using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Simulations;

/// <summary>What the end of a program means for its stage.</summary>
/// <param name="Meaning">What to do next.</param>
/// <param name="End">How the attempt ended.</param>
/// <param name="Reason">The same for people.</param>
/// <param name="Cause">With a failure: what names it, so that the same one is known again.</param>
public readonly record struct ExitVerdict(ExitMeaning Meaning, AttemptEnd End, string Reason, string Cause);

/// <summary>The rules by which an exit is judged.</summary>
public static class ExitRules
{
    /// <summary>A program that ends with it has checkpointed and wants to be continued, always.</summary>
    public const int ContinueStatus = 85;

    /// <summary>Names the failure of what was stopped for using more than it declared.</summary>
    public const string ExcessCause = "excess";

    private const int WordsMax = 200;

    /// <summary>
    /// In this order: no exit record is the loss of the machine; 85 is "continue me"; exit 0, or what <c>on_exit</c> maps to success, completes the stage unless declared
    /// outputs are missing, but after a request to leave only if progress is 1 or all of the declared outputs exist, else it has left; a mapped status is what the map
    /// says; after a request to leave every other end has left, and is nobody's failure; the rest is a failure that restarts from a checkpoint.
    /// </summary>
    public static ExitVerdict Judge(StageDefinition stage, AttemptReport.Exited exited)
    {
        if (exited is { ExitStatus: null, Signal: null })
        {
            return exited.AskedToLeave
                ? Left(exited, "left without an exit record")
                : new(ExitMeaning.Continue, AttemptEnd.NodeLost, "no exit record: the machine went down", "");
        }

        var how = exited.Signal is { } signal ? FormattableString.Invariant($"killed by signal {signal}") : FormattableString.Invariant($"exit status {exited.ExitStatus}");
        if (exited.ExitStatus == ContinueStatus && exited.Signal is null)
        {
            return exited.AskedToLeave ? Left(exited, "left with a checkpoint") : new(ExitMeaning.Continue, AttemptEnd.Continued, "left with a checkpoint", "");
        }

        var mapped = exited is { Signal: null, ExitStatus: { } status } && stage.OnExit.TryGetValue(status, out var meaning) ? meaning : ExitMeaning.Absent;
        if (exited is { Signal: null, ExitStatus: 0 } || mapped == ExitMeaning.Success)
        {
            return Success(stage, exited, how);
        }

        var cause = exited.Signal is { } number ? FormattableString.Invariant($"signal {number}") : FormattableString.Invariant($"exit {exited.ExitStatus}");
        return mapped switch
        {
            ExitMeaning.SoftFail => new(ExitMeaning.SoftFail, AttemptEnd.Failed, WithWords(how, exited), cause),
            ExitMeaning.HardFail => new(ExitMeaning.HardFail, AttemptEnd.Failed, WithWords(how, exited), cause),
            _ when exited.AskedToLeave => Left(exited, $"left as asked, {how}"),
            ExitMeaning.Continue => new(ExitMeaning.Continue, AttemptEnd.Continued, $"left to be continued, {how}", ""),
            ExitMeaning.Retry => new(ExitMeaning.Retry, AttemptEnd.Failed, WithWords(how, exited), cause),
            _ => new(ExitMeaning.Restart, AttemptEnd.Failed, WithWords(how, exited), cause),
        };
    }

    private static ExitVerdict Success(StageDefinition stage, AttemptReport.Exited exited, string how)
    {
        var isWhole = exited.Progress >= 1 || (!stage.Outputs.IsEmpty && exited.MissingOutputs.IsEmpty);
        if (exited.AskedToLeave && !isWhole)
        {
            return Left(exited, $"left as asked, {how}");
        }

        return exited.MissingOutputs.IsEmpty
            ? new(ExitMeaning.Success, AttemptEnd.Completed, how, "")
            : new(ExitMeaning.Restart, AttemptEnd.Failed, WithWords($"{how}, but declared outputs are missing: {string.Join(", ", exited.MissingOutputs)}", exited), "missing outputs");
    }

    private static ExitVerdict Left(AttemptReport.Exited exited, string reason) => exited.Asked switch
    {
        StopReason.Cancel => new(ExitMeaning.Continue, AttemptEnd.Cancelled, reason, ""),
        StopReason.Pause => new(ExitMeaning.Continue, AttemptEnd.Paused, reason, ""),
        StopReason.Drain => new(ExitMeaning.Continue, AttemptEnd.Drained, $"{reason}: a node of it is being drained", ""),
        StopReason.Walltime => new(ExitMeaning.Continue, AttemptEnd.Walltime, $"{reason}: the walltime of the segment ended", ""),
        StopReason.Preemption => new(ExitMeaning.Continue, AttemptEnd.Preempted, $"{reason}: it was preempted", ""),
        StopReason.Excess => new(ExitMeaning.Restart, AttemptEnd.Failed, $"{reason}: it used more than it declared", ExcessCause),
        StopReason.Maintenance => new(ExitMeaning.Continue, AttemptEnd.Maintenance, $"{reason}: its nodes are needed for maintenance", ""),
        _ => new(ExitMeaning.Continue, AttemptEnd.Continued, reason, ""),
    };

    /// <summary>The last line that it said on its way out helps more than the status alone.</summary>
    private static string WithWords(string how, AttemptReport.Exited exited)
    {
        var line = exited.LastWords?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is null ? how : $"{how}: {(line.Length <= WordsMax ? line : line[..WordsMax] + "…")}";
    }
}
