using System.Collections.Immutable;
using System.IO.Compression;

namespace Orchestrator.Core.Usage;

/// <summary>Reads logs of batch systems, each in the format that it has.</summary>
public static class UsageLogs
{
    /// <param name="content">SWF or the output of <c>sacct -P</c>; by a name that ends in .gz packed.</param>
    /// <param name="name">The file's, for messages.</param>
    /// <exception cref="Replay.WorkloadException">What cannot be read, with lines.</exception>
    public static UsageImport Read(Stream content, string name)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(name);
        using var unpacked = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(content, CompressionMode.Decompress, leaveOpen: true) : null;
        try
        {
            using var text = new StreamReader(unpacked ?? content);
            var file = Path.GetFileName(name);
            return name.EndsWith(".swf", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".swf.gz", StringComparison.OrdinalIgnoreCase) || text.Peek() == ';' ? SwfUsage.Read(text, file) : SacctUsage.Read(text, file);
        }
        catch (InvalidDataException fault)
        {
            throw new Replay.WorkloadException($"{name}: {fault.Message}", fault);
        }
    }

    /// <summary>Several logs as one: a job that stands in two of them counts once.</summary>
    public static UsageImport Together(IReadOnlyCollection<UsageImport> imports)
    {
        ArgumentNullException.ThrowIfNull(imports);
        if (imports.Count == 1)
        {
            return imports.First();
        }

        var seen = new HashSet<(string, string, DateTimeOffset, DateTimeOffset)>();
        var records = ImmutableArray.CreateBuilder<UsageRecord>();
        var repeated = 0;
        foreach (var record in imports.SelectMany(static import => import.Records).OrderBy(static record => record.From).ThenBy(static record => record.Task, StringComparer.Ordinal))
        {
            if (seen.Add((record.Task, record.User, record.From, record.Until)))
            {
                records.Add(record);
            }
            else
            {
                repeated++;
            }
        }

        var notes = ImmutableArray.CreateBuilder<string>();
        notes.AddRange(imports.SelectMany(static import => import.Notes));
        SwfUsage.Note(notes, repeated, "in more than one log: counted once");
        return new UsageImport { Records = records.ToImmutable(), Notes = notes.ToImmutable() };
    }
}
