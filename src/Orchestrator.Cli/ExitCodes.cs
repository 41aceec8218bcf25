namespace Orchestrator.Cli;

/// <summary>What scripts may rely on. `up` has more of its own, 10 to 17, for what keeps a silo from starting.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The answer is no: the file is wrong, the work failed or was cancelled, a check failed.</summary>
    public const int Invalid = 1;

    /// <summary>What was given could not be read at all, or is no usage of the command.</summary>
    public const int Unreadable = 2;

    /// <summary>Nothing answers, or nothing has this name.</summary>
    public const int NotFound = 3;

    /// <summary>Refused: no access, or the present status does not allow it.</summary>
    public const int Refused = 4;

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
