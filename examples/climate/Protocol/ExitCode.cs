namespace Climate.Protocol;

/// <summary>How the program ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>check: damaged; compare: different.</summary>
    public const int No = 1;

    /// <summary>Options, environment or input files that cannot be used: trying again gives the same.</summary>
    public const int Usage = 2;

    /// <summary>The numbers are no longer finite.</summary>
    public const int Numerics = 70;

    /// <summary>A file could not be read or written (disk full, permission): trying again may help.</summary>
    public const int InputOutput = 75;

    /// <summary>Left with a checkpoint before the end: continue me.</summary>
    public const int Left = 85;
}
