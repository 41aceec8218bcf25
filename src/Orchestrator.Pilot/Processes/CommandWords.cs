using System.Buffers;
using System.Collections.Concurrent;

namespace Orchestrator.Pilot.Processes;

/// <summary>
/// Splits a shell line that needs no shell, as make does: a program and words, without anything that <c>sh</c> would treat otherwise. The start of a shell costs
/// about as much as that of a short program. Any number of threads may ask.
/// </summary>
internal sealed class CommandWords
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=:,+-@% ");

    /// <summary>Words that sh gives a meaning of its own; true and false, which sh has as well, are the same programs everywhere.</summary>
    private static readonly HashSet<string> OfTheShell = new(StringComparer.Ordinal)
    {
        ".", ":", "alias", "bg", "bind", "break", "builtin", "caller", "case", "cd", "command", "compgen", "complete", "continue", "coproc", "declare", "dirs", "disown", "do", "done", "echo",
        "elif", "else", "enable", "esac", "eval", "exec", "exit", "export", "fc", "fg", "fi", "for", "function", "getopts", "hash", "help", "history", "if", "in", "jobs", "kill", "let", "local", "logout",
        "mapfile", "popd", "printf", "pushd", "pwd", "read", "readarray", "readonly", "return", "select", "set", "shift", "shopt", "source", "suspend", "test", "then", "time", "times", "trap", "type",
        "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
    };

    private readonly ConcurrentDictionary<string, string?> programs = new(StringComparer.Ordinal);
    private readonly string[] folders;

    public CommandWords(string? path)
    {
        folders = (path is { Length: > 0 } ? path : "/usr/local/bin:/usr/bin:/bin").Split(':');

        // An empty or relative entry means the folder of the task: only the shell knows that.
        IsUsable = Array.TrueForAll(folders, static folder => folder.StartsWith('/'));
    }

    private bool IsUsable { get; }

    /// <summary>The program's path and the words, the program's name first; null: a shell must read the line.</summary>
    public (string Program, string[] Words)? Split(string line)
    {
        if (!IsUsable || line.AsSpan().ContainsAnyExcept(Plain))
        {
            return null;
        }

        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].Contains('=', StringComparison.Ordinal) || words[0].Contains('%', StringComparison.Ordinal) || OfTheShell.Contains(words[0]))
        {
            return null;
        }

        if (words[0].Contains('/', StringComparison.Ordinal))
        {
            // Relative to the folder of the task, as the kernel finds it too.
            return (words[0], words);
        }

        return programs.GetOrAdd(words[0], Find) is { } program ? (program, words) : null;
    }

    private string? Find(string name)
    {
        foreach (var folder in folders)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path) && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0)
            {
                return path;
            }
        }

        return null;
    }
}
