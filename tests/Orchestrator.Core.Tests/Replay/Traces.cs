using System.Globalization;
using System.IO.Compression;
using System.Text;
using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Tests.Replay;

/// <summary>The traces that the project keeps, and small ones made of text.</summary>
internal static class Traces
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data", "traces");

    public static Workload Kept(string name)
    {
        using var file = File.OpenRead(Path.Combine(Folder, name));
        return WorkloadReader.Read(file, name);
    }

    public static Workload Read(string name, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return WorkloadReader.Read(content, name);
    }

    public static string PathOf(string name) => Path.Combine(Folder, name);

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    /// <summary>A line of the Standard Workload Format.</summary>
    public static string Swf(int job, int submit, int run, int procs, int requestedTime = -1, int requestedProcs = -1, int user = -1) =>
        string.Create(CultureInfo.InvariantCulture, $"{job} {submit} -1 {run} {procs} -1 -1 {requestedProcs} {requestedTime} -1 1 {user} -1 -1 -1 -1 -1 -1\n");

    /// <summary>The rows of a kept table, by its columns.</summary>
    public static IEnumerable<Func<string, string>> Rows(string name)
    {
        using var file = File.OpenRead(Path.Combine(Folder, name));
        using var text = new StreamReader(new GZipStream(file, CompressionMode.Decompress));
        var columns = text.ReadLine()!.Split(',').Select(static (column, index) => (column, index)).ToDictionary(static each => each.column, static each => each.index);
        while (text.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            yield return column => cells[columns[column]];
        }
    }
}
