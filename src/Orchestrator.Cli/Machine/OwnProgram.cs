namespace Orchestrator.Cli.Machine;

/// <summary>This program, for others to start.</summary>
internal static class OwnProgram
{
    /// <summary>The words of a shell line that start it again.</summary>
    public static string Words
    {
        get
        {
            var host = Environment.ProcessPath ?? "orchestrator";
            return Path.GetFileNameWithoutExtension(host) == "dotnet" ? $"{Quoted(host)} {Quoted(Path.Combine(AppContext.BaseDirectory, "orchestrator.dll"))}" : Quoted(host);
        }
    }

    /// <summary>One word of a shell line.</summary>
    public static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
