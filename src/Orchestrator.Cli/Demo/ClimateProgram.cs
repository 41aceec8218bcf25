using System.Runtime.InteropServices;

namespace Orchestrator.Cli.Demo;

/// <summary>Finds the example program and the runtime that it needs.</summary>
internal static class ClimateProgram
{
    private const string Name = "climate";

    /// <summary>The folder that holds it: beside this command, where the build leaves it, or on the PATH; null: nowhere.</summary>
    public static string? FindFolder()
    {
        var own = AppContext.BaseDirectory;
        var build = Path.GetFileName(Path.TrimEndingDirectorySeparator(own));
        string[] candidates =
        [
            own,
            Path.GetFullPath(Path.Combine(own, "..", "..", "Climate", build)),
            .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        ];
        return candidates.FirstOrDefault(static folder => File.Exists(Path.Combine(folder, Name)));
    }

    /// <summary>What its processes need in their environment: themselves on the PATH, and the .NET that runs this command.</summary>
    public static Dictionary<string, string> VariablesFor(string folder)
    {
        var variables = new Dictionary<string, string> { ["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}" };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is null or "" && SharedRuntime() is { } root)
        {
            variables["DOTNET_ROOT"] = root;
        }

        return variables;
    }

    /// <summary>ROOT of ROOT/shared/Microsoft.NETCore.App/VERSION/; null when this command brings its own runtime.</summary>
    private static string? SharedRuntime()
    {
        var folder = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        return folder.Parent is { Name: "Microsoft.NETCore.App", Parent: { Name: "shared", Parent: { } root } } ? root.FullName : null;
    }
}
