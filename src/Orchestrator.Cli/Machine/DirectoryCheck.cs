using System.Diagnostics;
using System.Globalization;
using Orchestrator.Cli.Terminal;

namespace Orchestrator.Cli.Machine;

/// <summary>Whether a folder holds what it is given: its file system, renames, flushes, locks, rights and room.</summary>
internal static class DirectoryCheck
{
    private const long RoomLeast = 1L << 30;
    private const long RoomWanted = 20L << 30;
    private const int SocketPathMax = 100;
    private static readonly string[] Network = ["nfs", "nfs4", "lustre", "beegfs", "gpfs", "cifs", "smb3", "ceph", "fuse.sshfs", "9p", "afs"];

    public static IEnumerable<Finding> Of(string subject, string path, bool mayBeMissing)
    {
        var missing = !Directory.Exists(path);
        if (missing && !mayBeMissing)
        {
            return [Finding.Fail(subject, $"{path} is not there")];
        }

        var probed = path;
        while (!Directory.Exists(probed) && Path.GetDirectoryName(probed) is { } parent)
        {
            probed = parent;
        }

        List<Finding> findings = [Finding.Ok(subject, missing ? $"{path} will be made in {probed}" : path)];
        findings.Add(FileSystem(subject, probed));
        try
        {
            var room = new DriveInfo(probed).AvailableFreeSpace;
            findings.Add(
                room < RoomLeast ? Finding.Fail(subject, $"{Words.Bytes(room)} are free; checkpoints and results need more")
                : room < RoomWanted ? Finding.Warn(subject, $"{Words.Bytes(room)} are free; watch the size of checkpoints")
                : Finding.Ok(subject, $"{Words.Bytes(room)} are free"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            findings.Add(Finding.Warn(subject, $"the free room is not known: {fault.Message}"));
        }

        findings.AddRange(Probe(subject, probed));
        if (mayBeMissing && Path.Combine(path, "gateway.sock").Length >= SocketPathMax)
        {
            findings.Add(Finding.Warn(subject, $"the path is too long for a Unix socket, which is put into the user's runtime directory; other machines cannot see it there"));
        }

        return findings;
    }

    private static Finding FileSystem(string subject, string path)
    {
        var kind = KindOf(path);
        return kind switch
        {
            null => Finding.Warn(subject, "the kind of its file system is not known"),
            "tmpfs" or "ramfs" => Finding.Warn(subject, $"its file system is {kind}: everything is lost when the machine restarts"),
            _ when Network.Contains(kind) => Finding.Warn(subject, $"its file system is {kind}, over the network: the database is slower there, and one silo at a time may use it"),
            _ => Finding.Ok(subject, $"its file system is {kind}"),
        };
    }

    /// <summary>The kind of the mount that holds the path; null where /proc does not say.</summary>
    internal static string? KindOf(string path)
    {
        const string Mounts = "/proc/self/mounts";
        if (!File.Exists(Mounts))
        {
            return null;
        }

        var (best, kind) = (-1, (string?)null);
        foreach (var line in File.ReadLines(Mounts))
        {
            if (line.Split(' ') is [_, var mount, var type, ..])
            {
                var place = mount.Replace("\\040", " ", StringComparison.Ordinal);
                if (place.Length >= best && (path == place || place == "/" || path.StartsWith(place + "/", StringComparison.Ordinal)))
                {
                    (best, kind) = (place.Length, type);
                }
            }
        }

        return kind;
    }

    private static List<Finding> Probe(string subject, string path)
    {
        var first = Path.Combine(path, $".orchestrator-doctor-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}");
        var second = first + ".renamed";
        var findings = new List<Finding>();
        try
        {
            var started = Stopwatch.GetTimestamp();
            using (var file = new FileStream(first, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                file.Write("orchestrator"u8);
                file.Flush(flushToDisk: true);
                var flush = Stopwatch.GetElapsedTime(started);
                findings.Add(flush > TimeSpan.FromMilliseconds(200)
                    ? Finding.Warn(subject, string.Create(CultureInfo.InvariantCulture, $"a flush to disk takes {flush.TotalMilliseconds:0} ms: every accepted change waits for one"))
                    : Finding.Ok(subject, string.Create(CultureInfo.InvariantCulture, $"files can be written and flushed to disk ({flush.TotalMilliseconds:0.0} ms)")));
                findings.Add(LockHolds(first)
                    ? Finding.Ok(subject, "locks hold")
                    : Finding.Fail(subject, "a locked file can be opened by others: two silos could use the directory at once; mount it with locks, or use another directory"));
            }

            File.WriteAllText(second, "");
            File.Move(first, second, overwrite: true);
            findings.Add(File.ReadAllText(second) == "orchestrator" ? Finding.Ok(subject, "a rename replaces a file whole") : Finding.Fail(subject, "a rename does not replace a file whole"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            findings.Add(Finding.Fail(subject, $"{path} cannot be written: {fault.Message}"));
        }
        finally
        {
            File.Delete(first);
            File.Delete(second);
        }

        return findings;
    }

    private static bool LockHolds(string path)
    {
        try
        {
            new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
