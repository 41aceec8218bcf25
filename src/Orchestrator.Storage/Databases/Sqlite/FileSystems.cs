using System.Runtime.InteropServices;

namespace Orchestrator.Storage;

/// <summary>Tells file systems that several machines share from local ones, by the number that the kernel gives them.</summary>
internal static class FileSystems
{
    /// <summary>The name of the network file system that holds <paramref name="directory"/>; null for a local one, or where it cannot be told.</summary>
    public static string? NetworkNameOf(string directory)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // struct statfs begins with f_type, a long; the buffer is larger than any variant of the struct.
        var buffer = new byte[512];
        return StatFs(directory, buffer) == 0 ? NameOf(BitConverter.ToUInt32(buffer)) : null;
    }

    internal static string? NameOf(uint type) => type switch
    {
        0x0000_6969 => "NFS",
        0x0BD0_0BD0 => "Lustre",
        0x4750_4653 => "GPFS",
        0x1983_0326 => "BeeGFS",
        0xFF53_4D42 => "CIFS",
        0xFE53_4D42 => "SMB2",
        0x0000_517B => "SMB",
        0x00C3_6400 => "Ceph",
        0x5346_414F => "AFS",
        0x0000_6E66 or 0x7461_636F => "OCFS2",
        0x0116_1970 => "GFS2",
        _ => null,
    };

    [DllImport("libc", EntryPoint = "statfs", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatFs([MarshalAs(UnmanagedType.LPUTF8Str)] string path, [Out] byte[] buffer);
}
