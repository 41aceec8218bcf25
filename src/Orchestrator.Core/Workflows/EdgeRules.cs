using System.IO.Enumeration;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Core.Workflows;

/// <summary>Where an edge or a trigger stands, and why.</summary>
/// <param name="State">Never absent.</param>
/// <param name="Why">What it waits for or why it is broken; null where it is satisfied.</param>
/// <param name="DueAt">When time alone satisfies it.</param>
/// <param name="StartsDelay">Its delay counts from now, which has to be kept.</param>
/// <param name="IsBrokenByFailure">It is broken since the other stage failed, or was cancelled.</param>
/// <param name="NeedsPerson">A person has to approve it.</param>
public readonly record struct EdgeJudgement(EdgeState State, string? Why = null, DateTimeOffset? DueAt = null, bool StartsDelay = false, bool IsBrokenByFailure = false, bool NeedsPerson = false)
{
    public bool IsOpen => State is EdgeState.Satisfied or EdgeState.Bypassed;
}

/// <summary>By what edges and triggers are satisfied. The simulation and the tracker of a graph judge by the same rules.</summary>
public static class EdgeRules
{
    /// <summary>What the edge stands for, where it does not say so itself: a file makes it data; a delay temporal; an approval, an expression, a failure or a progress conditional.</summary>
    public static DependencyKind KindOf(Dependency edge) => edge switch
    {
        { Kind: not DependencyKind.Absent } => edge.Kind,
        { Condition: DependencyCondition.Artifact } => DependencyKind.Data,
        { Delay.Ticks: > 0 } => DependencyKind.Temporal,
        { When: not null } or { Approval: not null } or { Condition: DependencyCondition.Failure or DependencyCondition.Progress } => DependencyKind.Conditional,
        _ => DependencyKind.Sequential,
    };

    /// <param name="edge">The edge.</param>
    /// <param name="mark">What is kept of it; null: nothing.</param>
    /// <param name="book">What is known of the stages; null for one that is not there.</param>
    /// <param name="now">The time.</param>
    public static EdgeJudgement Judge(Dependency edge, EdgeMark? mark, Func<string, StageFacts?> book, DateTimeOffset now)
    {
        if (mark?.BypassedBy is not null)
        {
            return new(EdgeState.Bypassed);
        }

        if (mark?.SatisfiedAt is not null)
        {
            return new(EdgeState.Satisfied);
        }

        var other = book(edge.Stage) ?? StageFacts.None;
        if (!IsMet(edge, other) && (edge.Condition != DependencyCondition.Artifact || mark?.MetAt is null))
        {
            return other.IsFinal
                ? new(EdgeState.Failed, Broken(edge, other), IsBrokenByFailure: IsFailure(other) && edge.Condition != DependencyCondition.Failure)
                : new(EdgeState.Pending, WaitsFor(edge));
        }

        return Expression(edge.When, book) is { } open ? open
            : Delayed(edge.Delay, mark, now, $"after {edge.Stage}") is { } late ? late
            : Approved(edge.Approval, mark, $"to go on after {edge.Stage}") ?? new(EdgeState.Satisfied);
    }

    /// <summary>Asked once the dependencies are satisfied.</summary>
    public static EdgeJudgement Judge(StageTrigger? trigger, EdgeMark? mark, Func<string, StageFacts?> book, IEnumerable<StageFacts> all, DateTimeOffset now)
    {
        if (mark?.BypassedBy is not null)
        {
            return new(EdgeState.Bypassed);
        }

        if (mark?.SatisfiedAt is not null)
        {
            return new(EdgeState.Satisfied);
        }

        switch (trigger?.Kind)
        {
            case TriggerKind.Manual:
                return Approved(trigger.Approval, mark, "to start") ?? new(EdgeState.Satisfied);
            case TriggerKind.Timed when trigger.At > now && mark?.Since is null:
                return new(EdgeState.Pending, FormattableString.Invariant($"waits until {trigger.At:u}"), trigger.At);
            case TriggerKind.Timed:
                return Delayed(trigger.Delay, mark, now, "after its dependencies") ?? new(EdgeState.Satisfied);
            case TriggerKind.Data:
                return mark?.MetAt is not null || all.Any(facts => HasArtifact(facts, trigger.Artifact!)) ? new(EdgeState.Satisfied) : new(EdgeState.Pending, $"waits for a file {trigger.Artifact}");
            case TriggerKind.Expression:
                return Expression(trigger.When, book) ?? new(EdgeState.Satisfied);
            default:
                return new(EdgeState.Satisfied);
        }
    }

    /// <summary>Whether somebody may approve where a name, a role or everybody is asked for.</summary>
    /// <param name="wanted">Who has to.</param>
    /// <param name="user">The name of who does.</param>
    /// <param name="role">That person's role, as it is written in files; null: not known.</param>
    public static bool MayApprove(string wanted, string user, string? role) =>
        wanted is Dependency.Anyone || string.Equals(wanted, user, StringComparison.Ordinal) || string.Equals(wanted, role, StringComparison.OrdinalIgnoreCase)
        || (string.Equals(role, "administrator", StringComparison.OrdinalIgnoreCase) && string.Equals(wanted, "operator", StringComparison.OrdinalIgnoreCase));

    /// <summary>The end of a stage in words.</summary>
    public static string Words(StageStatus status) => status switch
    {
        StageStatus.Completed => "completed",
        StageStatus.Failed => "failed",
        StageStatus.SoftFailed => "failed softly",
        StageStatus.Skipped => "was skipped",
        StageStatus.Cancelled => "was cancelled",
        _ => "has not ended",
    };

    /// <summary>Whether a stage reported or published a file that the pattern names.</summary>
    public static bool HasArtifact(StageFacts facts, string pattern)
    {
        foreach (var artifact in facts.Artifacts)
        {
            if (FileSystemName.MatchesSimpleExpression(pattern, artifact.Path, ignoreCase: false))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsMet(Dependency edge, StageFacts other) => edge.Kind == DependencyKind.Resource ? other.IsFinal : edge.Condition switch
    {
        DependencyCondition.Failure => other.HasFailed,
        DependencyCondition.End => other.HasFailed || other.Status == StageStatus.Completed,
        DependencyCondition.Progress => other.Status == StageStatus.Completed || other.Progress >= edge.Progress,
        DependencyCondition.Artifact => HasArtifact(other, edge.Artifact ?? ""),
        _ => other.Status == StageStatus.Completed,
    };

    private static bool IsFailure(StageFacts other) => other.HasFailed || other.Status == StageStatus.Cancelled;

    private static string Broken(Dependency edge, StageFacts other) => edge.Condition == DependencyCondition.Artifact && other.Status == StageStatus.Completed
        ? $"{edge.Stage} completed without {edge.Artifact}"
        : $"{edge.Stage} {Words(other.Status)}";

    private static string WaitsFor(Dependency edge) => edge switch
    {
        { Kind: DependencyKind.Resource } => $"waits for {edge.Stage} to give back what it holds",
        { Condition: DependencyCondition.Failure } => $"waits for {edge.Stage} to fail",
        { Condition: DependencyCondition.End } => $"waits for {edge.Stage} to end",
        { Condition: DependencyCondition.Progress } => FormattableString.Invariant($"waits for {edge.Stage} to reach {edge.Progress:P0}"),
        { Condition: DependencyCondition.Artifact } => $"waits for {edge.Artifact} of {edge.Stage}",
        _ => $"waits for {edge.Stage} to complete",
    };

    /// <summary>Null: true, or none. Once all that it names has ended it can only stay as it is.</summary>
    private static EdgeJudgement? Expression(string? text, Func<string, StageFacts?> book)
    {
        if (text is null)
        {
            return null;
        }

        var expression = WorkflowExpression.Parse(text);
        var value = expression.Evaluate(book);
        return value == true ? null
            : expression.Stages.All(stage => book(stage) is { IsFinal: true }) ? new(EdgeState.Failed, value is null ? $"\"{text}\" has no value: what it names was never reported" : $"\"{text}\" is not true")
            : new(EdgeState.Pending, $"waits until {text}");
    }

    private static EdgeJudgement? Delayed(TimeSpan delay, EdgeMark? mark, DateTimeOffset now, string since)
    {
        if (delay <= TimeSpan.Zero || mark?.PassedAt is not null)
        {
            return null;
        }

        var from = mark?.Since ?? now;
        var due = DateTimeOffset.MaxValue - from < delay ? DateTimeOffset.MaxValue : from + delay;
        return due <= now ? null : new(EdgeState.Pending, FormattableString.Invariant($"waits {DurationWords.Of(delay)} {since}, until {due:u}"), due, mark?.Since is null);
    }

    private static EdgeJudgement? Approved(string? wanted, EdgeMark? mark, string what) =>
        wanted is null || mark?.ApprovedBy is not null ? null : new(EdgeState.Pending, $"waits for {(wanted == Dependency.Anyone ? "somebody" : wanted)} to approve {what}", NeedsPerson: true);
}
