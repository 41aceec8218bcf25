using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Silo;

/// <summary>
/// What would lose its files with a run directory, or lose them through it: links of published results, of checkpoints and of later runs that lead into it, and file systems that are mounted in it.
/// Paths are compared by their ends: on other nodes, and for whoever mounted, the data directory may have another name than here.
/// </summary>
internal static class RunLinks
{
    private const string MountTable = "/proc/self/mountinfo";

    /// <summary>The place of the mount point in a line of it.</summary>
    private const int MountField = 4;

    /// <summary>A model has what it starts from in a folder of its run directory, as a rule.</summary>
    private const int DepthOfRuns = 2;

    /// <summary>Of a chain of links; the kernel follows no more.</summary>
    private const int StepsMax = 40;

    /// <summary>Whether a published result, a checkpoint of any attempt of the stage or the upper folders of another run is, or has, a link into the run directory of an attempt.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="attempt">Whose run directory.</param>
    /// <exception cref="UnauthorizedAccessException">Not all of them can be looked at.</exception>
    /// <exception cref="IOException">The same.</exception>
    public static bool LeadInto(string dataDirectory, AttemptId attempt)
    {
        var stage = Path.GetDirectoryName(Path.Combine(dataDirectory, RunLayout.AttemptDirectory(attempt)))!;
        var results = Path.Combine(dataDirectory, RunLayout.ResultsDirectory(attempt.Simulation, attempt.Stage));
        var links = Links(results, int.MaxValue);
        foreach (var other in Directory.Exists(stage) ? Directory.GetDirectories(stage) : [])
        {
            links = links.Concat(Links(Path.Combine(other, "checkpoints"), int.MaxValue)).Concat(Links(Path.Combine(other, "run"), DepthOfRuns));
        }

        // What leads from a run directory into itself goes with it.
        var own = Path.Combine(dataDirectory, RunLayout.RunDirectory(attempt)) + Path.DirectorySeparatorChar;
        return links.Where(link => !link.StartsWith(own, StringComparison.Ordinal)).Any(link => Leads(link, EndOf(attempt)));
    }

    /// <summary>Whether lines of the kernel's table of mounts name a mount point in the run directory of an attempt, as a program leaves one behind that is killed: what is in it lies elsewhere.</summary>
    public static bool IsMountedIn(IEnumerable<string> mounts, AttemptId attempt)
    {
        var end = EndOf(attempt);
        return mounts.Any(line => line.Split(' ') is { Length: > MountField } fields && $"{fields[MountField]}/".Contains(end, StringComparison.Ordinal));
    }

    /// <summary>The kernel's table of mounts; empty where it has none.</summary>
    public static IEnumerable<string> Mounts() => File.Exists(MountTable) ? File.ReadLines(MountTable) : [];

    /// <summary>Without the folder of all runs: a site may have put that elsewhere by a link, and paths that programs ask the kernel for have the other name.</summary>
    private static string EndOf(AttemptId attempt)
    {
        var path = RunLayout.RunDirectory(attempt);
        return path[path.IndexOf('/', StringComparison.Ordinal)..] + "/";
    }

    private static bool Leads(string link, string end)
    {
        var step = link;
        for (var steps = 0; steps < StepsMax && new FileInfo(step).LinkTarget is { } target; steps++)
        {
            step = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(step)!, target));
            if ($"{step}/".Contains(end, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<string> Links(string directory, int depth)
    {
        if (new DirectoryInfo(directory) is not { Exists: true, LinkTarget: null } folder)
        {
            yield break;
        }

        foreach (var entry in EntriesOf(folder))
        {
            if (entry.LinkTarget is not null)
            {
                yield return entry.FullName;
            }
            else if (depth > 1 && entry is DirectoryInfo)
            {
                foreach (var link in Links(entry.FullName, depth - 1))
                {
                    yield return link;
                }
            }
        }
    }

    private static FileSystemInfo[] EntriesOf(DirectoryInfo folder)
    {
        try
        {
            return folder.GetFileSystemInfos();
        }
        catch (DirectoryNotFoundException)
        {
            // Another run directory is removed at this moment.
            return [];
        }
    }
}
