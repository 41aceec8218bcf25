using Orchestrator.Core.Rendering;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Attempts;

/// <summary>Tells which files that a program reports are previews, which orders they answer, and what they took.</summary>
internal sealed class PreviewWatch(string dataDirectory, string runDirectory)
{
    private readonly Dictionary<long, DateTimeOffset> orders = [];

    /// <summary>Where the preview of an order goes: the program writes its ending behind it, or makes it a directory.</summary>
    public string PathOf(int level, long order) => Path.Combine(runDirectory, PreviewName.Of(level, order));

    public void Ordered(long order, DateTimeOffset at) => orders[order] = at;

    /// <summary>
    /// The preview that a file is. What it took is what the program said; else the time from the order until it was written, in which the program may have done other things as well:
    /// rather too much than too little, since the overhead is limited by it.
    /// </summary>
    /// <param name="artifact">As it was measured.</param>
    /// <param name="took">What the program said; null: nothing.</param>
    /// <param name="now">The present: of a directory nobody knows when it was complete.</param>
    /// <returns>Null for a file that is not called like a preview, or lies outside the run directory.</returns>
    public PreviewRecord? Recognize(Artifact artifact, TimeSpan? took, DateTimeOffset now)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(runDirectory, artifact.Path)));
        if (!path.StartsWith(runDirectory + Path.DirectorySeparatorChar, StringComparison.Ordinal) || !PreviewName.TryParse(path, out var level, out var order))
        {
            return null;
        }

        var madeAt = artifact.WrittenAt ?? now;
        return new()
        {
            Level = level,
            Path = Path.GetRelativePath(dataDirectory, path),
            Quality = artifact.Quality,
            Order = order,
            MadeAt = madeAt,
            Cost = took ?? (orders.TryGetValue(order, out var asked) && madeAt > asked ? (TimeSpan?)(madeAt - asked) : null),
            Size = artifact.Size,
        };
    }
}
