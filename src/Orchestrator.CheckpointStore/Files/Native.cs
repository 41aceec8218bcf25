using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.CheckpointStore.Files;

/// <summary>What the runtime does not offer of Linux' files.</summary>
internal static partial class Native
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const int SeekData = 3, SeekHole = 4;
    private const int NoSuchAddress = 6;
    private const uint StartWrite = 2;
    private const int PieceLength = 256 * 1024;

    /// <summary>Kind, permissions, size, time of change and inode of a path, not following a link.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static unsafe FileFacts Look(string path)
    {
        var buffer = stackalloc byte[256];
        if (StatX(CurrentDirectory, path, NoFollow, 0x7FF, buffer) != 0)
        {
            throw new IOException($"{path} cannot be looked at: {Reason()}");
        }

        // The layout of struct statx is the same on every architecture.
        var mode = *(ushort*)(buffer + 28);
        return new(
            (FileType)(mode & 0xF000),
            (UnixFileMode)(mode & 0xFFF),
            *(long*)(buffer + 40),
            (*(long*)(buffer + 112) * 1_000_000_000) + *(uint*)(buffer + 120),
            (*(long*)(buffer + 96) * 1_000_000_000) + *(uint*)(buffer + 104),
            *(long*)(buffer + 32),
            ((long)*(uint*)(buffer + 136) << 32) | *(uint*)(buffer + 140),
            *(long*)(buffer + 48) * 512);
    }

    /// <summary>The next offset at or after this one where a file has data; its length when there is only a hole.</summary>
    public static long NextData(SafeFileHandle handle, long offset, long length)
    {
        var next = Seek((int)handle.DangerousGetHandle(), offset, SeekData);
        return next >= 0 ? Math.Min(next, length) : Marshal.GetLastPInvokeError() == NoSuchAddress ? length : offset;
    }

    /// <summary>The next hole at or after this offset; the length when there is none, or the file system does not know.</summary>
    public static long NextHole(SafeFileHandle handle, long offset, long length)
    {
        var next = Seek((int)handle.DangerousGetHandle(), offset, SeekHole);
        return next >= 0 ? Math.Min(next, length) : length;
    }

    /// <summary>Sets the time of last change, in nanoseconds since 1970, of a path, not following a link. Best effort: a file system may have no such times.</summary>
    public static unsafe void SetModified(string path, long nanoseconds)
    {
        const long omit = 0x3FFFFFFE;
        var times = stackalloc long[4];
        (times[0], times[1]) = (0, omit);
        times[2] = Math.DivRem(nanoseconds, 1_000_000_000, out var rest);
        times[3] = rest < 0 ? rest + 1_000_000_000 : rest;
        times[2] -= rest < 0 ? 1 : 0;
        _ = SetTimes(CurrentDirectory, path, times, NoFollow);
    }

    /// <summary>Sets the time of last change to now, by the clock of whoever keeps the file. Best effort.</summary>
    public static unsafe void TouchNow(string path)
    {
        const long now = 0x3FFFFFFF;
        var times = stackalloc long[4] { 0, now, 0, now };
        _ = SetTimes(CurrentDirectory, path, times, NoFollow);
    }

    /// <summary>
    /// Writes in pieces: for one of several megabytes the kernel looks for memory in pieces of that size, which on a machine that has run for long costs three times the system time
    /// (ext4, Linux 6.18: 768 MiB in 1.2 to 2.0 s by 4 MiB, 0.3 s by 256 KiB).
    /// </summary>
    public static void Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes, long offset)
    {
        for (var at = 0; at < bytes.Length; at += PieceLength)
        {
            RandomAccess.Write(handle, bytes.Slice(at, Math.Min(PieceLength, bytes.Length - at)), offset + at);
        }
    }

    public static void StartWriteOut(SafeFileHandle handle, long offset, long length) => _ = SyncRange((int)handle.DangerousGetHandle(), offset, length, StartWrite);

    /// <summary>Makes a whole file system durable, by any file on it; false where that cannot be asked for.</summary>
    public static bool SyncFileSystem(SafeFileHandle handle) => SyncFs((int)handle.DangerousGetHandle()) == 0;

    private static string Reason() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int SetTimes(int directory, string path, long* times, int flags);

    [LibraryImport("libc", EntryPoint = "sync_file_range", SetLastError = true)]
    private static partial int SyncRange(int descriptor, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(int descriptor);
}
