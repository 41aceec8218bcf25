using System.Globalization;

namespace Orchestrator.Pilot.Nodes;

/// <summary>The output of the attempts of a task in its folder: <c>stdout.txt</c> and <c>stderr.txt</c> are the newest one's, <c>stdout.1.txt</c> the first one's.</summary>
internal static class TaskOutput
{
    private static readonly string[] Names = ["stdout", "stderr"];

    /// <summary>What an attempt wrote gets its number, before the next one begins.</summary>
    public static void Keep(string folder, int attempt)
    {
        foreach (var name in Names)
        {
            var path = Path.Combine(folder, $"{name}.txt");
            if (File.Exists(path))
            {
                File.Move(path, Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}.{attempt}.txt")), overwrite: true);
            }
        }
    }

    /// <summary>What an attempt that could not be started has made is empty; its next try must not keep it in the place of what the attempt before wrote.</summary>
    public static void Discard(string folder)
    {
        foreach (var name in Names)
        {
            try
            {
                if (new FileInfo(Path.Combine(folder, $"{name}.txt")) is { Exists: true, Length: 0 } made)
                {
                    made.Delete();
                }
            }
            catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
            {
                // Where nothing can be deleted nothing can be moved over it, either.
            }
        }
    }
}
