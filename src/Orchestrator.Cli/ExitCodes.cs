namespace Orchestrator.Cli;

/// <summary>What scripts may rely on.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>What was given was read, and is wrong.</summary>
    public const int Invalid = 1;

    /// <summary>What was given could not be read at all.</summary>
    public const int Unreadable = 2;
}
