using System.Collections.Immutable;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Reports;
using Orchestrator.Client;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Demo;

/// <summary>One demo: a silo and four agents as processes, a campaign, a kill, and the report.</summary>
internal sealed class DemoRun : IDisposable
{
    private const int NodeCount = 4;
    private const string KilledStage = "coupled";

    /// <summary>Far beyond what it takes on a slow machine; then something is wrong.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    private readonly string yaml;
    private readonly Campaign campaign;
    private readonly DemoFolder folder;
    private readonly DemoProcesses processes;
    private readonly Dictionary<string, string> environment;
    private readonly TimeProvider clock;
    private readonly TextWriter output;
    private readonly DateTimeOffset start;
    private readonly DemoStory story;

    /// <exception cref="DemoException">The climate program is not there.</exception>
    public DemoRun(string yaml, DemoFolder folder, TimeProvider clock, TextWriter output)
    {
        this.yaml = yaml;
        this.folder = folder;
        this.clock = clock;
        this.output = output;
        campaign = CampaignFile.Read(yaml).Campaign ?? throw new DemoException("The campaign of the demo cannot be read.");
        var program = ClimateProgram.FindFolder() ?? throw new DemoException("The program climate is neither beside this command nor on the PATH; ./run builds it.");
        environment = ClimateProgram.VariablesFor(program);
        processes = new(folder.Data, folder.Logs);
        start = clock.GetUtcNow();
        story = new(campaign, KilledStage, start);
    }

    /// <summary>Runs it to the end.</summary>
    /// <exception cref="DemoException">It cannot go on.</exception>
    /// <exception cref="OrchestratorClientException">The gateway does not answer.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public async Task<DemoResult> RunAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            var reference = new ReferenceRun(campaign, processes, folder.Reference, environment);
            StartServices();
            using var client = OrchestratorClient.ForDirectory(folder.Data, new() { RetryUnreachableFor = TimeSpan.FromSeconds(30) });
            await WaitForGatewayAsync(client, stop.Token);
            Tell("the silo is up (SQLite), four agents are starting");
            var undisturbed = reference.RunAsync(stop.Token);
            try
            {
                await FollowAsync(client, stop.Token);
                if (!undisturbed.IsCompleted)
                {
                    Tell("comparing with an undisturbed run…");
                }

                await undisturbed;
                return await ReportAsync(client, reference, stop.Token);
            }
            finally
            {
                // Whatever ends the demo: nothing more is started once it is over.
                await stop.CancelAsync();
                await Task.WhenAny(undisturbed);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DemoException($"The demo has not ended after {DurationWords.Of(Limit)}; the logs are in {folder.Logs}.");
        }
    }

    public void Dispose() => processes.Dispose();

    private void StartServices()
    {
        var silo = new Dictionary<string, string>(environment);
        foreach (var (name, value) in DemoSettings.Silo)
        {
            silo[name] = value;
        }

        processes.StartSelf("up", ["up", "--data", folder.Data], silo);
        for (var node = 1; node <= NodeCount; node++)
        {
            processes.StartSelf(NameOf(node), ["agent", "--data", folder.Data, "--node", NameOf(node), "--cores", "1", "--memory", "1G", "--first-core", FormattableString.Invariant($"{(node - 1) % Environment.ProcessorCount}")], environment);
        }
    }

    private async Task WaitForGatewayAsync(OrchestratorClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            Check(["up"]);
            try
            {
                _ = await client.GetStatusAsync(cancellationToken);
                return;
            }
            catch (OrchestratorClientException fault) when (fault.IsTransient)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancellationToken);
            }
        }
    }

    /// <summary>Submits when the nodes are there, kills one in the middle, and returns when every simulation has ended.</summary>
    private async Task FollowAsync(OrchestratorClient client, CancellationToken cancellationToken)
    {
        var victim = new NodeId($"n-{NameOf(3)}");
        var submitted = false;
        string? killed = null;
        await foreach (var (_, happened) in client.ReadEventsAsync(cancellationToken: cancellationToken))
        {
            TellAll(story.Take(happened));
            if (!submitted && story.Nodes == NodeCount)
            {
                submitted = true;
                var summary = await client.SubmitCampaignAsync(yaml, cancellationToken: cancellationToken);
                Tell($"{NodeCount} nodes of one core are registered; {ReportText.Of(summary.Simulations.Length, "simulation")} of campaign {summary.Name} submitted");
            }

            if (story.Choose(victim) is { } chosen)
            {
                killed = ReportText.Node(chosen.Value);
                var at = clock.GetUtcNow();
                TellAll(story.Kill(chosen, processes.Kill(killed), at));
            }

            if (story.AllEnded)
            {
                return;
            }

            Check(["up", .. Enumerable.Range(1, NodeCount).Select(NameOf).Where(name => name != killed)]);
        }
    }

    private async Task<DemoResult> ReportAsync(OrchestratorClient client, ReferenceRun reference, CancellationToken cancellationToken)
    {
        var simulations = ImmutableArray.CreateBuilder<SimulationView>();
        var older = ImmutableArray.CreateBuilder<AttemptView>();
        foreach (var definition in campaign.Simulations)
        {
            simulations.Add(await client.GetSimulationAsync(definition.Id, cancellationToken));
            await foreach (var attempt in client.ListAttemptsAsync(definition.Id, cancellationToken))
            {
                older.Add(attempt);
            }
        }

        ImmutableArray<ScenarioView> scenarios = campaign.Scenario is { } scenario ? [await client.GetScenarioAsync(scenario, cancellationToken)] : [];
        var (identical, different) = reference.Compare(folder.Data);
        var verdict = $"final fields identical to an undisturbed run: {identical} of {campaign.Simulations.Length}";
        var record = new RunRecord
        {
            Title = $"Demo: campaign {campaign.Name} on {NodeCount} nodes, one of them killed",
            Simulations = simulations.ToImmutable(),
            Scenarios = scenarios,
            Events = [.. story.Events],
            OlderAttempts = older.ToImmutable(),
            Notes = [DemoSettings.Tell, .. different.Select(static file => $"Different from the undisturbed run: {file}"), $"{verdict}."],
            WrittenAt = clock.GetUtcNow(),
        };
        ReportFolder.Write(folder.Path, record);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "campaign.yaml"), yaml, cancellationToken);
        CopyResults();
        CopyLogs();
        output.WriteLine();
        WriteTable(ReportMarkdown.Table(record));
        output.WriteLine();
        TellAll([.. story.TellLosses()]);
        foreach (var file in different)
        {
            output.WriteLine($"different: {file}");
        }

        output.WriteLine(verdict);
        return new()
        {
            Simulations = campaign.Simulations.Length,
            Completed = simulations.Count(static simulation => simulation.Status == SimulationStatus.Completed),
            Identical = identical,
            Recovered = story.Recovered,
            StepsAgain = simulations.SelectMany(static simulation => simulation.Stages).Sum(static stage => stage.StepsAgain),
            Seconds = Math.Round((clock.GetUtcNow() - start).TotalSeconds, 1),
            Folder = folder.Path,
        };
    }

    private void CopyResults()
    {
        foreach (var simulation in campaign.Simulations)
        {
            foreach (var stage in simulation.Stages)
            {
                foreach (var file in stage.Outputs.Where(static file => file.EndsWith(".nc", StringComparison.Ordinal)))
                {
                    var source = Path.Combine(folder.Data, RunLayout.ResultsDirectory(simulation.Id, stage.Name), file);
                    if (File.Exists(source))
                    {
                        File.Copy(source, Path.Combine(folder.NetCdf, FormattableString.Invariant($"{simulation.Variant}-{simulation.Member}-{stage.Name}.nc")));
                    }
                }
            }
        }
    }

    /// <summary>What silo and agents wrote of themselves; the data directory goes.</summary>
    private void CopyLogs()
    {
        var source = Path.Combine(folder.Data, "logs");
        foreach (var log in Directory.Exists(source) ? Directory.GetFiles(source) : [])
        {
            File.Copy(log, Path.Combine(folder.Logs, "data-" + Path.GetFileName(log)), overwrite: true);
        }

        // Every undisturbed run ended with 0 by now: what it said of itself is of no use.
        foreach (var log in Directory.GetFiles(folder.Logs, "reference-*.log"))
        {
            File.Delete(log);
        }
    }

    private void WriteTable(ImmutableArray<ImmutableArray<string>> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    /// <exception cref="DemoException">One of them has ended.</exception>
    private void Check(IEnumerable<string> names)
    {
        if (processes.Ended(names) is { } ended)
        {
            throw new DemoException(ended);
        }
    }

    private void Tell(string text) => output.WriteLine(FormattableString.Invariant($"{(clock.GetUtcNow() - start).TotalSeconds,3:0} s: {text}"));

    private void TellAll(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine(line);
        }
    }

    private static string NameOf(int node) => FormattableString.Invariant($"node-{node}");
}
