using System.Text.RegularExpressions;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Demo;

/// <summary>Runs the commands of a campaign once more without the orchestrator and undisturbed, each line once, and compares what came out.</summary>
internal sealed partial class ReferenceRun(Campaign campaign, DemoProcesses processes, string folder, IReadOnlyDictionary<string, string> environment)
{
    /// <summary>By the simulation and stage; two stages with the same line have the same folder.</summary>
    private readonly Dictionary<(SimulationId, string), string> folders = [];
    private readonly Dictionary<string, string> done = [];

    /// <exception cref="IOException">A command failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var simulation in campaign.Simulations)
        {
            foreach (var stage in WorkflowEstimate.InOrder(simulation.Stages))
            {
                var line = StagePlaceholder().Replace(Pace().Replace(stage.Run, ""), match => folders[(simulation.Id, match.Groups[1].Value)]);
                if (!done.TryGetValue(line, out var place))
                {
                    place = Path.Combine(folder, simulation.Id.Value, stage.Name);
                    Directory.CreateDirectory(place);
                    var name = $"reference-{simulation.Id}-{stage.Name}";
                    var status = await processes.RunShellAsync(name, line, place, environment, cancellationToken);
                    if (status != 0)
                    {
                        throw new IOException($"The undisturbed run of {stage.Name} of {simulation.Id} ended with status {status}: {processes.LogTail(name)}");
                    }

                    done[line] = place;
                }

                folders[(simulation.Id, stage.Name)] = place;
            }
        }
    }

    /// <summary>The simulations whose published outputs are the same byte for byte; the first file that differs of every other one.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public (int Identical, IReadOnlyList<string> Different) Compare(string dataDirectory)
    {
        var different = new List<string>();
        foreach (var simulation in campaign.Simulations)
        {
            var first = simulation.Stages.SelectMany(stage => stage.Outputs.Select(output => (stage.Name, Output: output)))
                .FirstOrDefault(file => !SameBytes(
                    Path.Combine(dataDirectory, RunLayout.ResultsDirectory(simulation.Id, file.Name), file.Output),
                    Path.Combine(folders[(simulation.Id, file.Name)], file.Output)));
            if (first.Output is not null)
            {
                different.Add($"{simulation.Id}: {first.Name}/{first.Output}");
            }
        }

        return (campaign.Simulations.Length - different.Count, different);
    }

    private static bool SameBytes(string first, string second) =>
        File.Exists(first) && File.Exists(second) && new FileInfo(first).Length == new FileInfo(second).Length && File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second));

    /// <summary>What spreads a run over time, so that there is something to watch; it changes no number.</summary>
    [GeneratedRegex(@" --pace [0-9.]+")]
    private static partial Regex Pace();

    [GeneratedRegex(@"\{stage\.([A-Za-z0-9_-]+)\}")]
    private static partial Regex StagePlaceholder();
}
