using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Silo;

/// <summary>
/// Where the Unix socket lies: who may connect is decided by the directory, so it must be ours and closed to others. That is the data directory where it is such a one and
/// the path is short enough, else the user's runtime directory (XDG_RUNTIME_DIR), else one in /tmp.
/// </summary>
internal static partial class SocketPlace
{
    private const string SocketName = "gateway.sock";

    /// <summary>The kernel takes 107 bytes; other systems fewer.</summary>
    private const int PathBytesMax = 100;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <exception cref="SiloStartException">No directory is fit.</exception>
    public static string Choose(string dataDirectory)
    {
        var near = Path.Combine(dataDirectory, SocketName);
        if (IsShort(near) && IsPrivate(dataDirectory))
        {
            return near;
        }

        // Named by the data directory, so that two deployments of one user do not collide.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)).AsSpan(0, 8)) + ".sock";
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime && Path.IsPathFullyQualified(runtime) && Directory.Exists(runtime))
        {
            var directory = Path.Combine(runtime, "orchestrator");
            if (IsShort(Path.Combine(directory, name)) && Make(directory))
            {
                return Path.Combine(directory, name);
            }
        }

        var shared = string.Create(CultureInfo.InvariantCulture, $"/tmp/orchestrator-{UserId()}");
        return Make(shared)
            ? Path.Combine(shared, name)
            : throw new SiloStartException(
                SiloStartFailure.DirectoryNotWritable,
                $"There is no place for the gateway's socket: {shared} is not a directory of yours with mode 0700. Remove it, set XDG_RUNTIME_DIR, or choose a shorter data directory with mode 0700.");
    }

    /// <summary>Removes the socket of a silo that was killed. Nobody listens on it: the caller holds the data directory.</summary>
    /// <exception cref="SiloStartException">Somebody does listen.</exception>
    public static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new SiloStartException(SiloStartFailure.DataDirectoryInUse, $"Another silo answers on {path}. Stop it, or choose another data directory with --data.");
    }

    private static bool IsShort(string path) => Encoding.UTF8.GetByteCount(path) < PathBytesMax;

    private static bool Make(string directory)
    {
        try
        {
            PrivateFiles.MakeDirectory(directory);
            return IsPrivate(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A real directory, not a link, that only its owner enters; and the owner is who runs this: nobody else could write into it.</summary>
    private static bool IsPrivate(string directory)
    {
        var info = new DirectoryInfo(directory);
        if (info.LinkTarget is not null || !info.Exists || (info.UnixFileMode & Others) != 0)
        {
            return false;
        }

        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        try
        {
            // Setting the mode that it has succeeds for its owner alone.
            File.SetUnixFileMode(directory, info.UnixFileMode);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "getuid")]
    private static partial uint UserId();
}
