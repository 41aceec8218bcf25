using System.Globalization;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Machine;

/// <summary>Cores, memory, limits and clock of this machine.</summary>
internal static class MachineCheck
{
    private const int FilesLeast = 1024;
    private const int FilesWanted = 4096;
    private static readonly DateTimeOffset Earliest = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<Finding> All(TimeProvider clock)
    {
        yield return Cores();
        yield return Finding.Ok("memory", $"{Words.Bytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)} may be used");
        if (Limit("Max open files") is { } files)
        {
            yield return files < FilesLeast ? Finding.Fail("limits", Files(files, "fails with many programs")) : files < FilesWanted ? Finding.Warn("limits", Files(files, "is little for many programs")) : Finding.Ok("limits", Files(files, "is enough"));
        }

        if (Limit("Max processes") is { } processes)
        {
            yield return processes < 256 ? Finding.Warn("limits", $"{processes} processes at most; raise it with ulimit -u") : Finding.Ok("limits", $"{(processes == long.MaxValue ? "any number of" : processes.ToString(CultureInfo.InvariantCulture))} processes");
        }

        var now = clock.GetUtcNow();
        yield return now < Earliest ? Finding.Fail("clock", $"it says {now:u}, which cannot be: set it, or wait for NTP") : Synchronized() switch
        {
            true => Finding.Ok("clock", "it is synchronized"),
            false => Finding.Warn("clock", "nothing says that it is synchronized; with several machines run NTP or chrony"),
        };
    }

    private static Finding Cores()
    {
        var usable = Environment.ProcessorCount;
        var there = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").Count(static line => line.StartsWith("processor", StringComparison.Ordinal)) : usable;
        return there > usable
            ? Finding.Warn("cores", string.Create(CultureInfo.InvariantCulture, $"{usable} of {there} may be used by this process (affinity or control group); an agent that is started here gives away so many"))
            : Finding.Ok("cores", usable.ToString(CultureInfo.InvariantCulture));
    }

    private static string Files(long limit, string judgement) => string.Create(CultureInfo.InvariantCulture, $"{(limit == long.MaxValue ? "any number of" : limit.ToString(CultureInfo.InvariantCulture))} open files (ulimit -n), which {judgement}");

    /// <summary>The soft limit; null where /proc does not say.</summary>
    private static long? Limit(string name)
    {
        const string Limits = "/proc/self/limits";
        if (!File.Exists(Limits) || File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is not { } found)
        {
            return null;
        }

        var word = found[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return word == "unlimited" ? long.MaxValue : long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static bool Synchronized() => File.Exists("/run/systemd/timesync/synchronized") || Directory.Exists("/run/chrony") || File.Exists("/var/lib/ntp/ntp.drift");
}
