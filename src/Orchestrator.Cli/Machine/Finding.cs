namespace Orchestrator.Cli.Machine;

/// <summary>What a check found.</summary>
internal sealed record Finding(Grade Grade, string Subject, string Text)
{
    public static Finding Ok(string subject, string text) => new(Grade.Ok, subject, text);

    public static Finding Warn(string subject, string text) => new(Grade.Warn, subject, text);

    public static Finding Fail(string subject, string text) => new(Grade.Fail, subject, text);
}

/// <summary>How bad it is.</summary>
internal enum Grade
{
    Absent = 0,
    Ok = 1,

    /// <summary>It works, with a drawback that is named.</summary>
    Warn = 2,

    /// <summary>Work would be refused or could be lost.</summary>
    Fail = 3,
}
