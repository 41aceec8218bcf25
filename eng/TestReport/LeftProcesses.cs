using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.TestReport;

/// <summary>
/// Finds what a test project started by a mark in its environment: programs that made themselves independent
/// (their own session, parent gone) are no longer in its process tree.
/// </summary>
internal static class LeftProcesses
{
    public const string Mark = "ORCHESTRATOR_TEST_PROJECT_RUN";

    /// <summary>Kills every living process that carries the mark; the number killed. Does nothing where there is no /proc.</summary>
    public static int Kill(string mark)
    {
        if (!Directory.Exists("/proc/self"))
        {
            return 0;
        }

        var killed = 0;
        var wanted = Encoding.UTF8.GetBytes($"{Mark}={mark}\0");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                // A zombie has an empty environment and is not counted.
                if (File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(wanted) >= 0)
                {
                    using var process = Process.GetProcessById(id);
                    process.Kill();
                    killed++;
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It ended meanwhile, or belongs to another user.
            }
        }

        return killed;
    }
}
