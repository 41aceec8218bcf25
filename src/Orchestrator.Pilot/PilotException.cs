namespace Orchestrator.Pilot;

/// <summary>The campaign cannot start: every reason is a line. Nothing was started, and nothing was stored.</summary>
internal sealed class PilotException(IReadOnlyList<string> lines) : Exception(string.Join('\n', lines))
{
    public PilotException(string line)
        : this([line])
    {
    }

    public IReadOnlyList<string> Lines { get; } = lines;
}
