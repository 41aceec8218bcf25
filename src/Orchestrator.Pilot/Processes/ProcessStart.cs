namespace Orchestrator.Pilot.Processes;

/// <summary>What one process is started with.</summary>
internal readonly ref struct ProcessStart
{
    /// <summary>Path of the program.</summary>
    public required string Program { get; init; }

    /// <summary>Its words, its own name first.</summary>
    public required ReadOnlySpan<string> Words { get; init; }

    /// <summary>Where output files are made, and where it runs unless <see cref="Directory"/> is another; null: here.</summary>
    public string? OutputDirectory { get; init; }

    public string? Directory { get; init; }

    /// <summary>Standard output and error: names of files in the output directory, or descriptors.</summary>
    public string? OutputFile { get; init; }

    public string? ErrorFile { get; init; }

    public int OutputDescriptor { get; init; }

    public int ErrorDescriptor { get; init; }

    /// <summary>Standard input; -1: nothing to read.</summary>
    public int InputDescriptor { get; init; }

    /// <summary>Beyond the base environment, and instead of what it has by these names.</summary>
    public ReadOnlySpan<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Whether a variable of the environment may have a name that the base environment has too.</summary>
    public bool MayOverride { get; init; }
}
