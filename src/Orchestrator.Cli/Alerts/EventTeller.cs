using System.Globalization;
using Orchestrator.Cli.Replay;

namespace Orchestrator.Cli.Alerts;

/// <summary>
/// Tells events to a shell line of the user, one after the other. What it does not take is told again after 1 s, 2 s and 4 s, and then left out with a word. Where a file keeps the position, each is told at least
/// once, however often whoever tells them is started anew.
/// </summary>
/// <param name="line">Gets each event as JSON on its input, and takes it with exit status 0.</param>
/// <param name="cursor">The file that keeps the position of the last one; null: nothing is kept.</param>
/// <param name="error">Where it is said what was not taken.</param>
/// <param name="clock">The clock.</param>
internal sealed class EventTeller(string line, string? cursor, TextWriter error, TimeProvider clock)
{
    private const int TriesMax = 4;

    /// <summary>The position of the last one that was told; null: none is known.</summary>
    /// <exception cref="IOException">The file cannot be read, or is another one.</exception>
    public long? Position => cursor is null || !File.Exists(cursor) ? null
        : long.TryParse(File.ReadAllText(cursor).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position
        : throw new IOException($"--cursor {cursor}: it holds no position of the event log; name the file that an earlier watch wrote, or one that is not there yet");

    public async Task TellAsync(long position, string json, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromSeconds(1);
        for (var tries = 1; await ShellLine.TellAsync(line, json, cancellationToken) is { } problem; tries++)
        {
            if (tries == TriesMax)
            {
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--exec {line}: {problem}, {tries} times; the event at {position} is left out"));
                break;
            }

            await Task.Delay(pause, clock, cancellationToken);
            pause += pause;
        }

        if (cursor is not null)
        {
            using var file = new WholeFile(cursor);
            file.Write(output => output.Write(string.Create(CultureInfo.InvariantCulture, $"{position}\n")));
            file.Keep();
        }
    }
}
