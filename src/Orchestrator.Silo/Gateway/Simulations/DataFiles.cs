using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Silo.Gateway.Simulations;

/// <summary>Reads files below the data directory for callers. Programs write there, so that any name may be a link to somewhere else: none is followed.</summary>
internal sealed class DataFiles(string dataDirectory)
{
    private const int TailBytesMax = 4 * 1024 * 1024;

    /// <summary>The last <paramref name="lines"/> lines, at most 4 MiB; null when the file is not there, or is not a plain file of the data directory.</summary>
    public async Task<byte[]?> TailAsync(string relative, int lines, CancellationToken cancellationToken)
    {
        if (Open(relative) is not { } handle)
        {
            return null;
        }

        using (handle)
        {
            // The program may be writing: what was there at this moment is read.
            var length = RandomAccess.GetLength(handle);
            var size = (int)Math.Min(length, TailBytesMax);
            var bytes = new byte[size];
            var read = 0;
            while (read < size && await RandomAccess.ReadAsync(handle, bytes.AsMemory(read), length - size + read, cancellationToken) is > 0 and var some)
            {
                read += some;
            }

            return Last(bytes.AsSpan(0, read), lines, cutOff: length > size).ToArray();
        }
    }

    private SafeFileHandle? Open(string relative)
    {
        var path = Path.Combine(dataDirectory, relative);
        if (HasLink(relative))
        {
            return null;
        }

        SafeFileHandle handle;
        try
        {
            if ((File.GetAttributes(path) & (FileAttributes.Directory | FileAttributes.Device | FileAttributes.ReparsePoint)) != 0)
            {
                return null;
            }

            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        // A name may have become a link since it was looked at; what was opened says where it is.
        if (OperatingSystem.IsLinux() && new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}")).LinkTarget is { } opened
            && !opened.EndsWith("/" + relative, StringComparison.Ordinal))
        {
            handle.Dispose();
            return null;
        }

        return handle;
    }

    private bool HasLink(string relative)
    {
        var path = dataDirectory;
        foreach (var part in relative.Split('/'))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Last(ReadOnlySpan<byte> text, int lines, bool cutOff)
    {
        var start = text.Length;
        var end = text.EndsWith("\n"u8) ? text.Length - 1 : text.Length;
        for (var found = 0; found < lines; found++)
        {
            start = end > 0 ? text[..end].LastIndexOf((byte)'\n') + 1 : 0;
            if (start == 0)
            {
                break;
            }

            end = start - 1;
        }

        if (start == 0 && cutOff && text.IndexOf((byte)'\n') is >= 0 and var first && first + 1 < text.Length)
        {
            // The first line has no beginning.
            start = first + 1;
        }

        return text[start..];
    }
}
