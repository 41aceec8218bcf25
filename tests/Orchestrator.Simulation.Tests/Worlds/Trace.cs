using System.Globalization;

namespace Orchestrator.Simulation.Tests.Worlds;

/// <summary>What happened: the newest lines to read, and a number over all of them to compare (invariant 11).</summary>
internal sealed class Trace
{
    private const int Kept = 4000;

    private readonly Queue<string> lines = new();

    public ulong Hash { get; private set; } = 14695981039346656037UL;

    public long Count { get; private set; }

    /// <summary>Nothing is forgotten.</summary>
    public bool KeepsAll { get; init; }

    public void Add(DateTimeOffset now, string who, string what)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{now - World.Beginning:hh\\:mm\\:ss\\.fff} {who}: {what}");
        Count++;
        var hash = Hash;
        foreach (var letter in line)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        Hash = hash;
        lines.Enqueue(line);
        if (!KeepsAll && lines.Count > Kept)
        {
            lines.Dequeue();
        }
    }

    public IEnumerable<string> Last(int count) => lines.Skip(Math.Max(0, lines.Count - count));
}
