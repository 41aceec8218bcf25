using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>Finds the programs of attempts by what their agents put into their environment.</summary>
internal static class Programs
{
    /// <summary>Ids of the living processes whose run directory lies in this directory.</summary>
    public static IReadOnlyList<int> Of(string directory)
    {
        var sought = $"ORCHESTRATOR_RUN_DIR={Path.TrimEndingDirectorySeparator(directory)}/";
        return [.. All().Where(process => Environment(process).Any(entry => (entry + "/").StartsWith(sought, StringComparison.Ordinal)))];
    }

    /// <summary>False for a zombie too, which only waits to be counted by its parent.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            return text[text.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL; false when it has ended.</summary>
    public static bool Kill(int process)
    {
        try
        {
            using var victim = Process.GetProcessById(process);
            victim.Kill();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(static folder => int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process) ? process : 0)
        .Where(static process => process > 1);

    /// <summary>Empty for one that has ended, a zombie too.</summary>
    private static string[] Environment(int process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/environ"))).Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
