using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.CheckpointStore;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Reports;

/// <summary>
/// The reports of one attempt on disk, in order, numbered from 1 without gaps. Nothing is delivered before it is durable, so that no number is ever given twice.
/// </summary>
internal sealed class ReportSpool : IDisposable
{
    private const long CompactAbove = 4 << 20;

    private readonly Lock gate = new();
    private readonly string path;
    private readonly List<AttemptReport> waiting = [];
    private readonly List<AttemptReport> kept = [];
    private FileStream stream;
    private bool dirty, disposed;

    /// <summary>Bytes above which it is rewritten without old progress: twice what stays, so that a run of months, of which megabytes stay, does not rewrite them with each report.</summary>
    private long compactAbove = CompactAbove;

    public ReportSpool(string path)
    {
        this.path = path;
        var whole = 0L;
        if (File.Exists(path))
        {
            var bytes = File.ReadAllBytes(path);
            var start = 0;
            for (var end = Array.IndexOf(bytes, (byte)'\n'); end >= 0; end = Array.IndexOf(bytes, (byte)'\n', start))
            {
                try
                {
                    Take(JsonSerializer.Deserialize<AttemptReport>(bytes.AsSpan(start, end - start), WireJson.Options)!);
                }
                catch (JsonException)
                {
                    // The machine fell before this was on disk, so it was never sent, nor was what follows.
                    break;
                }

                start = end + 1;
                whole = start;
            }
        }

        stream = Open(whole);

        // Without the note everything is said again, and known reports are answered as before.
        var acknowledged = File.Exists(Note) && long.TryParse(File.ReadAllText(Note), NumberStyles.None, CultureInfo.InvariantCulture, out var noted) ? noted : 0;
        waiting.AddRange(ReadAll().Where(report => report.Sequence > acknowledged));
    }

    /// <summary>The newest report; null: none yet.</summary>
    public AttemptReport? Last { get; private set; }

    private string Note => path + ".acknowledged";

    /// <summary>Reports other than of progress, in order.</summary>
    public ImmutableArray<AttemptReport> Kept
    {
        get
        {
            lock (gate)
            {
                return [.. kept];
            }
        }
    }

    /// <summary>Whether a report of progress still waits: then newer values are gathered instead of queued behind it.</summary>
    public bool HoldsProgress
    {
        get
        {
            lock (gate)
            {
                return waiting.Any(report => report is AttemptReport.Progressed);
            }
        }
    }

    public bool HasWaiting
    {
        get
        {
            lock (gate)
            {
                return waiting.Count > 0;
            }
        }
    }

    /// <summary>Numbers and stores a report.</summary>
    public AttemptReport Append(AttemptReport report)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            report = report with { Sequence = (Last?.Sequence ?? 0) + 1 };
            var before = stream.Position;
            try
            {
                Write(stream, report);
                dirty = true;
                if (report is not AttemptReport.Progressed)
                {
                    Sync();
                }
            }
            catch (IOException)
            {
                // Nothing may stay of what was not stored: the next report has the same number.
                stream.SetLength(before);
                stream.Position = before;
                throw;
            }

            Take(report);
            waiting.Add(report);
            return report;
        }
    }

    /// <summary>The first reports that were not acknowledged, made durable.</summary>
    public ImmutableArray<AttemptReport> Waiting(int countMax)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            Sync();
            return [.. waiting.Take(countMax)];
        }
    }

    /// <summary>Everything up to this number arrived.</summary>
    public void Acknowledge(long sequence)
    {
        lock (gate)
        {
            // The answer may come after the attempt was forgotten, and its directory with it.
            ObjectDisposedException.ThrowIf(disposed, this);
            waiting.RemoveAll(report => report.Sequence <= sequence);
            try
            {
                File.WriteAllText(Note, sequence.ToString(CultureInfo.InvariantCulture));
                if (waiting.Count == 0 && stream.Length > compactAbove)
                {
                    Compact();
                }
            }
            catch (Exception full) when (full is IOException or UnauthorizedAccessException)
            {
                // Without the note everything is said again, and a file that is too long is merely that.
            }
        }
    }

    /// <summary>The other side misses reports: everything that is still known is said again.</summary>
    public void Rewind()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            var all = ReadAll();
            waiting.Clear();
            waiting.AddRange(all);
        }
    }

    /// <summary>Says the newest report again: its answer was lost with an earlier agent.</summary>
    public void RepeatLast()
    {
        lock (gate)
        {
            if (Last is { } last && waiting.All(report => report.Sequence != last.Sequence))
            {
                waiting.Add(last);
            }
        }
    }

    /// <summary>Nobody wants them any more.</summary>
    public void Drop()
    {
        lock (gate)
        {
            waiting.Clear();
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            stream.Dispose();
        }
    }

    private static void Write(Stream target, AttemptReport report) => target.Write([.. JsonSerializer.SerializeToUtf8Bytes(report, WireJson.Options), (byte)'\n']);

    private void Take(AttemptReport report)
    {
        Last = report;
        if (report is not AttemptReport.Progressed)
        {
            kept.Add(report);
        }
    }

    private void Sync()
    {
        if (dirty)
        {
            stream.Flush(flushToDisk: true);
            dirty = false;
        }
    }

    /// <summary>Opens for appending, without a last line that a crash cut short.</summary>
    private FileStream Open(long length)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.SetLength(length);
        file.Position = length;
        return file;
    }

    private List<AttemptReport> ReadAll() =>
        [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<AttemptReport>(line, WireJson.Options)!)];

    /// <summary>Old progress of a run of months is worth nothing: only the newest number must stay.</summary>
    private void Compact()
    {
        using var compact = new MemoryStream();
        foreach (var report in kept.Append(Last!).Distinct())
        {
            Write(compact, report);
        }

        DurableFile.WriteByRename(path, compact.ToArray());
        var before = stream;
        stream = Open(compact.Length);
        compactAbove = Math.Max(CompactAbove, 2 * compact.Length);
        before.Dispose();
        dirty = false;
    }
}
