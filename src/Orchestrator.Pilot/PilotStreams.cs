namespace Orchestrator.Pilot;

/// <summary>Where a pilot's lines go and its answers come from.</summary>
internal sealed record PilotStreams
{
    public TextWriter Lines { get; init; } = TextWriter.Null;

    public TextWriter Warnings { get; init; } = TextWriter.Null;

    /// <summary>For <c>--on-complete -</c>.</summary>
    public TextWriter Results { get; init; } = TextWriter.Null;

    public TextReader Answers { get; init; } = TextReader.Null;
}
