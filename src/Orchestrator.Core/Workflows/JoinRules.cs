namespace Orchestrator.Core.Workflows;

/// <summary>What the edges of a stage say together.</summary>
public enum JoinVerdict
{
    Absent = 0,
    Waiting = 1,
    Open = 2,

    /// <summary>It can never start any more.</summary>
    Never = 3,
}

/// <summary>How edges join.</summary>
public static class JoinRules
{
    /// <param name="stage">Whose edges they are.</param>
    /// <param name="open">Satisfied and bypassed ones.</param>
    /// <param name="pending">Those that may still be satisfied.</param>
    /// <param name="broken">Those that never will be.</param>
    /// <param name="brokenByFailure">Those of them of which the other stage failed.</param>
    public static JoinVerdict Of(StageDefinition stage, int open, int pending, int broken, int brokenByFailure) => stage.Join switch
    {
        _ when open + pending + broken == 0 => JoinVerdict.Open,
        JoinRule.Any => open >= Wanted(stage) ? JoinVerdict.Open : open + pending < Wanted(stage) ? JoinVerdict.Never : JoinVerdict.Waiting,
        JoinRule.Settled => brokenByFailure > 0 || (pending == 0 && open == 0) ? JoinVerdict.Never : pending > 0 ? JoinVerdict.Waiting : JoinVerdict.Open,
        _ => broken > 0 ? JoinVerdict.Never : pending > 0 ? JoinVerdict.Waiting : JoinVerdict.Open,
    };

    private static int Wanted(StageDefinition stage) => Math.Max(1, stage.JoinCount);
}
