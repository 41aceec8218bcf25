using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.Silo.Hooks;

/// <summary>Asks a command: the question goes to its standard input, and what it writes to its standard output until it ends with status 0 is the answer.</summary>
internal sealed class CommandTransport(string command, string directory, IReadOnlyDictionary<string, string>? environment = null) : IHookTransport
{
    /// <summary>So much of what it says of an error is told.</summary>
    private const int ErrorMax = 500;

    public async Task<string> AskAsync(string question, CancellationToken cancellationToken)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        using var process = new Process
        {
            StartInfo = new("/bin/sh", ["-c", command])
            {
                WorkingDirectory = directory,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = utf8,
                StandardOutputEncoding = utf8,
                StandardErrorEncoding = utf8,
            },
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            process.StartInfo.Environment[name] = value;
        }

        try
        {
            process.Start();
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new HookFailedException($"the command could not be started: {error.Message}", error);
        }

        try
        {
            var asked = WriteAsync(process.StandardInput, question, cancellationToken);
            var said = ReadAsync(process.StandardOutput, HookFailedException.AnswerMax, failBeyond: true, cancellationToken);
            var complained = ReadAsync(process.StandardError, ErrorMax, failBeyond: false, cancellationToken);
            // An answer that is too long ends it at once, whatever else it still does.
            var answer = await said;
            await Task.WhenAll(asked, complained, process.WaitForExitAsync(cancellationToken));
            if (process.ExitCode == 0)
            {
                return answer;
            }

            var words = (await complained).Trim();
            throw new HookFailedException(string.Create(CultureInfo.InvariantCulture, $"the command ended with status {process.ExitCode}{(words.Length > 0 ? ": " : "")}{words}"));
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>A hook may answer without having read all of the question.</summary>
    private static async Task WriteAsync(StreamWriter input, string question, CancellationToken cancellationToken)
    {
        try
        {
            await using (input)
            {
                await input.WriteAsync(question.AsMemory(), cancellationToken);
            }
        }
        catch (IOException)
        {
            // The pipe is closed on its side; what it then says, or its status, decides.
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, int max, bool failBeyond, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[8192];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var room = max - text.Length;
            text.Append(buffer, 0, Math.Min(read, room));
            if (read > room && failBeyond)
            {
                throw new HookFailedException(string.Create(CultureInfo.InvariantCulture, $"the answer is longer than {max} characters"));
            }
        }

        return text.ToString();
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It is gone already, which is all that is wanted.
        }
    }
}
