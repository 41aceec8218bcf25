namespace Orchestrator.Agent.Programs;

/// <summary>Reads what is appended to a file of lines. A line counts once it ends with a line feed.</summary>
internal sealed class LineTail(string path)
{
    private const int LineMax = 1 << 16;
    private const int BlockMax = 1 << 20;

    private long offset;

    /// <summary>Complete lines since the last call, without their line feeds; at most about a megabyte a call.</summary>
    public List<ReadOnlyMemory<byte>> Read()
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var info = new FileInfo(path);
        if (!info.Exists || info.Length == offset)
        {
            return lines;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length < offset)
        {
            // The program began its file anew.
            offset = 0;
        }

        stream.Position = offset;
        var block = new byte[Math.Min(stream.Length - offset, BlockMax)];
        var count = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        var start = 0;
        for (var at = Array.IndexOf(block, (byte)'\n', 0, count); at >= 0; at = Array.IndexOf(block, (byte)'\n', start, count - start))
        {
            lines.Add(block.AsMemory(start, at - start));
            start = at + 1;
        }

        // What has no end for so long is no line: it is passed over, so that the tail never stands still.
        offset += start == 0 && count >= LineMax ? count : start;
        return lines;
    }
}
