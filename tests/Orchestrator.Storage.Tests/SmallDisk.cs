using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Storage.Tests;

/// <summary>A file system of a few MiB, which ends with the test. Skips the test where mounting is not permitted.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static async Task<SmallDisk> MountAsync(TemporaryDirectory directory, int mebibytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has tmpfs.");
        var path = Directory.CreateDirectory(directory.File("disk")).FullName;
        using var mount = Process.Start(new ProcessStartInfo(
            "mount", ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={mebibytes}m"), "orchestrator-test", path]) { RedirectStandardError = true })!;
        await mount.WaitForExitAsync();
        Assert.SkipUnless(mount.ExitCode == 0, $"Mounting a small tmpfs is not permitted: {(await mount.StandardError.ReadToEndAsync()).Trim()}");
        return new SmallDisk(path);
    }

    public void Dispose()
    {
        using var umount = Process.Start("umount", ["-l", Path]);
        umount.WaitForExit();
    }
}
