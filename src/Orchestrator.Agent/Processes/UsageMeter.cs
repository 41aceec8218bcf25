using System.Globalization;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Agent.Processes;

/// <summary>
/// Adds up what an attempt uses. The kernel gives a process what its ended children used, once it waited for them, so the sum over the living is the sum over all.
/// </summary>
/// <param name="startedAt">When its program began.</param>
/// <param name="cores">That it holds, on all its nodes.</param>
/// <param name="gpus">That it holds, on all its nodes; parts of one count as parts.</param>
internal sealed class UsageMeter(DateTimeOffset startedAt, int cores, double gpus)
{
    private const double TicksPerSecond = 100;

    /// <summary>Between two looks no more than this counts: what was while nobody looked is not known.</summary>
    private static readonly TimeSpan LookMax = TimeSpan.FromMinutes(1);

    private TimeSpan cpu, gpuWatched, gpuBusy;
    private DateTimeOffset? lookedAt;
    private long peak, read, written;

    /// <summary>Of all processes so far; it only grows.</summary>
    public TimeSpan Cpu => cpu;

    /// <summary>Bytes that all processes had resident at the last sample; what several share counts several times.</summary>
    public long Resident { get; private set; }

    /// <summary>Takes one sample. Counters only grow, whatever a sample missed.</summary>
    public void Sample(IReadOnlyList<ProcessStat> members)
    {
        long ticks = 0, pages = 0, readNow = 0, writtenNow = 0;
        foreach (var member in members)
        {
            ticks += member.CpuTicks;
            pages += member.Pages;
            var (memberRead, memberWritten) = Traffic(member.Id);
            readNow += memberRead;
            writtenNow += memberWritten;
        }

        cpu = Max(cpu, TimeSpan.FromSeconds(ticks / TicksPerSecond));
        Resident = pages * Environment.SystemPageSize;
        peak = Math.Max(peak, Resident);
        read = Math.Max(read, readNow);
        written = Math.Max(written, writtenNow);
    }

    /// <summary>Takes one look at its GPUs.</summary>
    /// <param name="busy">Of each GPU that it holds here alone, 0 to 1; empty: not known.</param>
    /// <param name="now">The present.</param>
    public void LookAtGpus(IReadOnlyCollection<double> busy, DateTimeOffset now)
    {
        if (busy.Count > 0 && now - lookedAt is { } time && time > TimeSpan.Zero)
        {
            time = time < LookMax ? time : LookMax;
            gpuWatched += time * busy.Count;
            gpuBusy += time * busy.Sum();
        }

        lookedAt = now;
    }

    /// <summary>Takes over the final sums of the exit record.</summary>
    public void Finish(ExitRecord record)
    {
        cpu = Max(cpu, record.CpuTime);
        read = Math.Max(read, record.BytesRead);
        written = Math.Max(written, record.BytesWritten);
    }

    public ResourceUse Use(DateTimeOffset until)
    {
        var wall = until > startedAt ? until - startedAt : TimeSpan.Zero;
        return new()
        {
            WallTime = wall,
            CpuTime = cpu,
            PeakMemory = peak,
            BytesRead = read,
            BytesWritten = written,
            GpuTime = wall * gpus,
            CoreTime = wall * cores,
            GpuWatched = gpuWatched,
            GpuBusy = gpuBusy,
        };
    }

    private static TimeSpan Max(TimeSpan left, TimeSpan right) => left > right ? left : right;

    private static (long Read, long Written) Traffic(int id)
    {
        try
        {
            long read = 0, written = 0;
            foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/io")))
            {
                if (line.StartsWith("read_bytes: ", StringComparison.Ordinal))
                {
                    read = long.Parse(line.AsSpan("read_bytes: ".Length), CultureInfo.InvariantCulture);
                }
                else if (line.StartsWith("write_bytes: ", StringComparison.Ordinal))
                {
                    written = long.Parse(line.AsSpan("write_bytes: ".Length), CultureInfo.InvariantCulture);
                }
            }

            return (read, written);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }
    }
}
