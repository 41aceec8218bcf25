using System.Globalization;
using System.Text;

namespace Orchestrator.Cli.Replay;

/// <summary>A file that is there whole or not at all: it is written beside its place and moved there once everything is.</summary>
internal sealed class WholeFile : IDisposable
{
    private readonly string partial;
    private bool isKept;

    /// <summary>Makes the partial file at once, so that a path that cannot be written is known before the work is done.</summary>
    /// <exception cref="IOException">It cannot be written there.</exception>
    public WholeFile(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(Path))
        {
            throw new IOException($"{path} is a folder");
        }

        partial = string.Create(CultureInfo.InvariantCulture, $"{Path}.{Environment.ProcessId}.partial");
        try
        {
            File.WriteAllText(partial, "");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written: {fault.Message}", fault);
        }
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    public void Write(Action<TextWriter> write)
    {
        using var stream = new FileStream(partial, FileMode.Create, FileAccess.Write);
        using var output = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16);
        write(output);
        output.Flush();
        stream.Flush(flushToDisk: true);
    }

    /// <summary>What was written takes its place.</summary>
    public void Keep()
    {
        File.Move(partial, Path, overwrite: true);
        isKept = true;
    }

    public void Dispose()
    {
        if (!isKept)
        {
            File.Delete(partial);
        }
    }
}
