using Orchestrator.CheckpointStore;

namespace Orchestrator.Agent.Outputs;

/// <summary>
/// Links among the outputs of a run, and in checkpoints. They would lead nowhere once they are moved, or once the run directory or the older checkpoint goes into which they lead; so each is made one
/// that stays true in another place, or the file itself.
/// </summary>
internal static class LooseLinks
{
    private const string Fresh = ".orchestrator-fresh";

    /// <summary>A repeat changes nothing, after a crash in the midst of it too.</summary>
    /// <param name="output">A file, a folder or a link.</param>
    /// <param name="passing">The directory of what will not stay: a link to a file below it becomes that file.</param>
    /// <param name="isMoved">It is about to be moved: other links are to lead from there where they lead from here.</param>
    /// <exception cref="IOException">It cannot be read, or written beside.</exception>
    public static void Settle(string output, string passing, bool isMoved)
    {
        try
        {
            foreach (var link in Below(output).ToList())
            {
                SettleOne(link, output, passing, isMoved);
            }
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            // Another agent that publishes the same attempt was faster: whoever moves it finds out.
        }
    }

    private static void SettleOne(string link, string output, string passing, bool isMoved)
    {
        if (new FileInfo(link).LinkTarget is not { } target)
        {
            return;
        }

        var named = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link)!, target));
        var goesAlong = link != output && IsBelow(named, output);
        var final = new FileInfo(link).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? named;
        if ((goesAlong && !Path.IsPathRooted(target)) || (!File.Exists(final) && !Directory.Exists(final)))
        {
            return;
        }

        if (File.Exists(final) && IsBelow(final, passing))
        {
            var fresh = link + Fresh;
            File.Delete(fresh);
            try
            {
                DurableFile.LinkOrCopy(final, fresh);
                File.Move(fresh, link, overwrite: true);
            }
            finally
            {
                // On a full disk half a copy would stay among the files.
                File.Delete(fresh);
            }

            return;
        }

        // A folder, or what never was in the run directory: the link stays one, and run directories into which one leads stay, too.
        var wanted = goesAlong ? Path.GetRelativePath(Path.GetDirectoryName(link)!, named) : named;
        if (isMoved && wanted != target)
        {
            File.Delete(link);
            File.CreateSymbolicLink(link, wanted);
        }
    }

    /// <summary>The path itself where it is a link, and all links below it; none is followed.</summary>
    private static IEnumerable<string> Below(string path)
    {
        if (new FileInfo(path).LinkTarget is not null)
        {
            yield return path;
        }
        else if (Directory.Exists(path))
        {
            foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
            {
                foreach (var link in Below(entry.FullName))
                {
                    yield return link;
                }
            }
        }
    }

    private static bool IsBelow(string path, string directory) => path == directory || path.StartsWith(Path.TrimEndingDirectorySeparator(directory) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
