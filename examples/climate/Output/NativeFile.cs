using System.Runtime.InteropServices;

namespace Climate.Output;

/// <summary>The two things that a careful writer needs and .NET does not offer: append by one write(), and fsync of a directory.</summary>
internal static class NativeFile
{
    private const int WriteOnly = 1;
    private static readonly int Append = OperatingSystem.IsMacOS() ? 0x8 : 0x400;

    /// <summary>Appends the bytes by a single write() with O_APPEND, so that lines of several writers never mix.</summary>
    public static void AppendOnce(string path, byte[] bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            stream.Write(bytes);
            return;
        }

        if (!File.Exists(path))
        {
            new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }

        var descriptor = open(path, WriteOnly | Append);
        if (descriptor < 0)
        {
            throw Failed("open", path);
        }

        var written = write(descriptor, bytes, bytes.Length);
        var error = written == bytes.Length ? null : Failed("write", path);
        _ = close(descriptor);
        if (error is not null)
        {
            throw error;
        }
    }

    /// <summary>Makes the names in a directory durable. Nothing to do on Windows.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = open(path, 0);
        if (descriptor < 0)
        {
            throw Failed("open", path);
        }

        var error = fsync(descriptor) == 0 ? null : Failed("fsync", path);
        _ = close(descriptor);
        if (error is not null)
        {
            throw error;
        }
    }

    private static IOException Failed(string call, string path) =>
        new($"{call} of {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // The source generator would need unsafe code; the names are the C library's; paths are UTF-8.
    [DllImport("libc", SetLastError = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(int descriptor, byte[] bytes, nint count);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
