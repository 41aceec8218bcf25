using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Agent.Programs;

/// <summary>Replaces what is known only at the launch. Any other word in braces is the shell's, and stays.</summary>
internal sealed partial class CommandLine(LaunchSpecification launch, AttemptFiles files, string? restoreDirectory)
{
    /// <summary>In a shell line: paths with characters that the shell would read are quoted.</summary>
    public string Line(string text, string? checkpoint = null) => Replace(text, checkpoint, Quoted);

    /// <summary>In a value that no shell reads.</summary>
    public string Value(string text) => Replace(text, null, path => path);

    private string Replace(string text, string? checkpoint, Func<string, string> path) => Shape().Replace(text, match => match.Groups[1].Value switch
    {
        "restore" => restoreDirectory is null ? "" : path(restoreDirectory),
        "run" => path(files.Run),
        "ranks" => Number(launch.Stage.Resources.Ranks),
        "nodes" => Number(launch.Stage.Resources.Nodes),
        "hostfile" => path(files.HostFile),
        "epoch" => Number(launch.Attempt.Epoch),
        "path" when checkpoint is not null => path(checkpoint),
        var word when word.StartsWith("stage.", StringComparison.Ordinal) =>
            path(Path.Combine(files.Data, RunLayout.ResultsDirectory(launch.Attempt.Simulation, word["stage.".Length..]))),
        _ => match.Value,
    });

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Quoted(string path) => Plain().IsMatch(path) ? path : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"(?<!\$)\{([A-Za-z_][A-Za-z0-9_.-]*)\}")]
    private static partial Regex Shape();

    [GeneratedRegex("^[A-Za-z0-9_./@%+=:,-]*$")]
    private static partial Regex Plain();
}
