using System.Globalization;
using System.Text;

namespace Orchestrator.CheckpointStore.Tests;

/// <summary>A directory of a test, in memory where the machine has such a place.</summary>
internal sealed class Scratch : IDisposable
{
    private static int directories;
    private int suffixes, targets;

    public string Root { get; } = Directory.CreateDirectory(System.IO.Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath(),
        string.Create(CultureInfo.InvariantCulture, $"orchestrator-store-{Environment.ProcessId}-{Interlocked.Increment(ref directories)}"))).FullName;

    public string Store => Path("store");

    public string Path(string name) => System.IO.Path.Combine(Root, name);

    public string NewTarget() => Path(string.Create(CultureInfo.InvariantCulture, $"target-{Interlocked.Increment(ref targets)}"));

    /// <summary>Everything in a fixed order, names that are the same each time, and a process of its own.</summary>
    public StoreOptions Options(int process = 1, int workers = 0, string host = "node-1", TimeProvider? time = null) => new()
    {
        Workers = workers,
        NewSuffix = () => Interlocked.Increment(ref suffixes).ToString("x8", CultureInfo.InvariantCulture),
        Time = time ?? TimeProvider.System,
        Identity = new() { Host = host, BootId = "boot", ProcessNamespace = "ns", ProcessId = process, ProcessStart = process, StartOf = id => Dead.Contains(id) ? null : id },
    };

    /// <summary>Processes that run no more.</summary>
    public HashSet<int> Dead { get; } = [];

    public string Write(string relative, string text) => Write(relative, Encoding.UTF8.GetBytes(text));

    public string Write(string relative, byte[] bytes)
    {
        var path = Path(relative);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public void Dispose()
    {
        foreach (var directory in Directory.EnumerateDirectories(Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
        {
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.Delete(Root, recursive: true);
    }
}
