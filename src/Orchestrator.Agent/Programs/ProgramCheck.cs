using System.Diagnostics;
using System.Text.RegularExpressions;
using Orchestrator.Agent.Processes;

namespace Orchestrator.Agent.Programs;

/// <summary>Tells before the start that a program is not there: clearer than a shell's exit status 127.</summary>
internal static partial class ProgramCheck
{
    /// <summary>Null when the program that the line begins with is there, or when the line is not so simple; else what is wrong, as a sentence.</summary>
    public static string? Explain(string line, string directory, IReadOnlyDictionary<string, string> environment)
    {
        var match = FirstWord().Match(line);
        if (!match.Success)
        {
            return null;
        }

        var program = match.Groups[1].Value;
        if (program.Contains('/', StringComparison.Ordinal))
        {
            var path = Path.Combine(directory, program);
            return SearchPath.IsExecutable(path) ? null
                : File.Exists(path) ? $"The program {program} is not executable."
                : Directory.Exists(path) ? $"The program {program} is a directory."
                : $"The program {program} does not exist.";
        }

        var searched = environment.GetValueOrDefault("PATH") ?? "";
        return SearchPath.Find(program, searched) is not null || IsShellWord(program) ? null : $"The program {program} is not on the PATH of the agent ({searched}).";
    }

    private static bool IsShellWord(string word)
    {
        using var shell = new Process
        {
            StartInfo = new("/bin/sh", ["-c", "command -v \"$1\" >/dev/null 2>&1", "sh", word]) { UseShellExecute = false },
        };
        shell.Start();
        shell.WaitForExit();
        return shell.ExitCode == 0;
    }

    /// <summary>A plain word, after assignments without quotes, that ends where a shell word ends.</summary>
    [GeneratedRegex(@"^\s*(?:[A-Za-z_][A-Za-z0-9_]*=[^\s'""\\$`;&|<>()]*\s+)*([A-Za-z0-9_./+-]+)(?=\s|$|[;&|<>])(?!\s*\()")]
    private static partial Regex FirstWord();
}
