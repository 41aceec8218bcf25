namespace Orchestrator.Cli.Machine;

/// <summary>Programs that are needed, or that campaigns often use.</summary>
internal static class ProgramCheck
{
    public static IEnumerable<Finding> All()
    {
        foreach (var needed in (string[])["sh", "setsid"])
        {
            yield return Find(needed) is { } path ? Finding.Ok("programs", $"{needed} is {path}") : Finding.Fail("programs", $"{needed} is not on the PATH; it is needed to start programs");
        }

        foreach (var launcher in (string[])["mpirun", "srun"])
        {
            yield return Find(launcher) is { } path ? Finding.Ok("launchers", $"{launcher} is {path}") : Finding.Warn("launchers", $"{launcher} is not on the PATH; campaigns that call it fail here");
        }
    }

    internal static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
