namespace Orchestrator.Cli.Demo;

/// <summary>The output folder of the demo. A folder that holds anything else is never touched.</summary>
internal sealed class DemoFolder
{
    private const string MarkName = ".orchestrator-demo";

    private DemoFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Temporary: state, runs and results while it goes on.</summary>
    public string Data => System.IO.Path.Combine(Path, "data");

    public string Reference => System.IO.Path.Combine(Data, "reference");

    public string Logs => System.IO.Path.Combine(Path, "logs");

    public string NetCdf => System.IO.Path.Combine(Path, "netcdf");

    /// <exception cref="IOException">It cannot be made, or holds something else.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be made.</exception>
    public static DemoFolder Open(string path)
    {
        var folder = new DemoFolder(System.IO.Path.GetFullPath(path));
        var mark = System.IO.Path.Combine(folder.Path, MarkName);
        if (File.Exists(folder.Path))
        {
            throw new IOException($"{folder.Path} is a file.");
        }

        if (Directory.Exists(folder.Path) && !File.Exists(mark) && Directory.EnumerateFileSystemEntries(folder.Path).Any())
        {
            throw new IOException($"{folder.Path} is not empty and not of an earlier demo. Name another folder with --out.");
        }

        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(mark, "");
        foreach (var inner in (string[])[folder.Data, folder.Logs, folder.NetCdf])
        {
            if (Directory.Exists(inner))
            {
                Directory.Delete(inner, recursive: true);
            }

            Directory.CreateDirectory(inner);
        }

        return folder;
    }

    public void DeleteData() => Directory.Delete(Data, recursive: true);
}
