using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Cli.Machine;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Client;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>One campaign on this machine: starts what does not run yet, follows, and ends what it started.</summary>
internal sealed class CampaignRun(CommandContext context, FileInfo source, string text, int? agentCount, bool everything) : IDisposable
{
    private const int RestartsMax = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SecondInterrupt = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    private readonly OrchestratorClient client = context.Connect();
    private readonly List<BackgroundProcess> agents = [];
    private BackgroundProcess? silo;

    /// <summary>The story goes beside JSON.</summary>
    private TextWriter Story => context.Json ? context.Error : context.Output;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var interrupt = new Interrupt(cancellationToken);
        CampaignSummary? campaign = null;
        try
        {
            await StartAsync(interrupt.First);
            var after = (await client.GetStatusAsync(interrupt.First)).LastEvent;
            campaign = await SubmitAsync(interrupt.First);
            try
            {
                campaign = await FollowSupervisedAsync(campaign.Name, after, interrupt.First);
            }
            catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
            {
                return await LeaveAsync(campaign.Name, interrupt.Second);
            }
        }
        catch (OperationCanceledException) when (interrupt.First.IsCancellationRequested)
        {
            await EndAsync();
            return ExitCodes.Interrupted;
        }
        catch (OrchestratorClientException fault) when (!fault.IsUnreachable)
        {
            await EndAsync();
            return context.Report(fault, source.ToString());
        }
        catch (OrchestratorClientException fault)
        {
            context.Error.WriteLine(silo is { HasExited: true } ? $"the silo ended; its log is {silo.Log}" : fault.Message);
            await EndAgentsAsync();
            Story.WriteLine(campaign is null ? "nothing was submitted" : $"nothing is lost: orchestrator run {source} --data {context.Data} goes on");
            return ExitCodes.NotFound;
        }
        catch (CommandException)
        {
            await EndAsync();
            throw;
        }

        var status = await SumUpAsync(campaign, cancellationToken);
        await EndAsync();
        return status;
    }

    public void Dispose()
    {
        client.Dispose();
        silo?.Dispose();
        agents.ForEach(static agent => agent.Dispose());
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await AnswersAsync(cancellationToken))
        {
            silo = StartSilo();
            await WaitAsync(silo, AnswersAsync, cancellationToken);
            Story.WriteLine($"started a silo on {context.Data} (process {silo.Id.ToString(CultureInfo.InvariantCulture)})");
        }
        else
        {
            Story.WriteLine($"a silo runs on {context.Data} already; using it");
        }

        var count = agentCount ?? (await AliveAsync(cancellationToken) > 0 ? 0 : 1);
        var cores = Math.Max(1, Environment.ProcessorCount / Math.Max(1, count));
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Math.Max(1, count) >> 20;
        var present = await client.ListNodesAsync(cancellationToken).Where(static node => node.Status == NodeStatus.Alive).Select(static node => node.Id).ToListAsync(cancellationToken);
        for (var i = 0; i < count; i++)
        {
            var name = count == 1 ? NodeCommand.DefaultName() : string.Create(CultureInfo.InvariantCulture, $"{NodeCommand.DefaultName()}-{i + 1}");
            string[] share = count == 1
                ? []
                :
                [
                    "--cores", cores.ToString(CultureInfo.InvariantCulture),
                    "--first-core", (i * cores % Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture),
                    "--memory", memory.ToString(CultureInfo.InvariantCulture) + "M",
                ];
            if (present.Contains(NodeCommand.Parse(name)))
            {
                Story.WriteLine($"the node {name} has an agent already; using it");
                continue;
            }

            agents.Add(BackgroundProcess.Start(name, Path.Combine(context.Data, "logs", $"agent-{name}.out"), ["agent", "--data", context.Data, "--node", name, "--until-idle", .. share]));
        }

        foreach (var agent in agents)
        {
            var node = NodeCommand.Parse(agent.Name);
            await WaitAsync(agent, async token => await client.ListNodesAsync(token).AnyAsync(view => view.Id == node && view.Status == NodeStatus.Alive, token), cancellationToken);
        }

        if (agents.Count > 0)
        {
            Story.WriteLine($"started {ReportText.Of(agents.Count, "agent")} with {ReportText.Of(cores, "core")}{(agents.Count > 1 ? " each" : "")}; logs are in {Path.Combine(context.Data, "logs")}");
        }
    }

    private async Task<CampaignSummary> SubmitAsync(CancellationToken cancellationToken)
    {
        var campaign = await client.SubmitCampaignAsync(text, cancellationToken: cancellationToken);
        if (!campaign.Repeated)
        {
            Story.WriteLine(SubmitCommand.Tell(campaign));
            return campaign;
        }

        var present = await client.GetCampaignAsync(campaign.Name, cancellationToken);
        if (present.Statuses.GetValueOrDefault("paused") + present.Statuses.GetValueOrDefault("pausing") > 0)
        {
            await client.ControlCampaignAsync(campaign.Name, SimulationVerb.Resume, "run again", cancellationToken: cancellationToken);
            Story.WriteLine($"{campaign.Name}: was paused; it goes on from its checkpoints.");
        }
        else
        {
            Story.WriteLine(SubmitCommand.Tell(campaign));
        }

        return present;
    }

    private BackgroundProcess StartSilo() => BackgroundProcess.Start("silo", Path.Combine(context.Data, "logs", "up.out"), ["up", "--data", context.Data]);

    /// <summary>Follows, and starts the silo again if it was ours and died.</summary>
    private async Task<CampaignSummary> FollowSupervisedAsync(string name, long after, CancellationToken cancellationToken)
    {
        if (silo is null)
        {
            return await FollowAsync(name, after, cancellationToken);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = FollowAsync(name, after, ending.Token);
        var supervising = SuperviseAsync(ending.Token);
        await Task.WhenAny(following, supervising);
        await ending.CancelAsync();
        if (supervising.IsFaulted)
        {
            await following.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await supervising;
        }

        return await following;
    }

    /// <exception cref="CommandException">It was told to end, or dies again and again.</exception>
    private async Task SuperviseAsync(CancellationToken cancellationToken)
    {
        for (var restarts = 0; ; restarts++)
        {
            await silo!.WaitForExitAsync(cancellationToken);
            if (silo.ExitStatus == 0 || restarts == RestartsMax)
            {
                throw new CommandException(
                    $"the silo ended with status {silo.ExitStatus.ToString(CultureInfo.InvariantCulture)}; its log is {silo.Log}. Nothing is lost: orchestrator run {source} --data {context.Data} goes on", ExitCodes.NotFound);
            }

            Story.WriteLine($"the silo died (status {silo.ExitStatus.ToString(CultureInfo.InvariantCulture)}); starting it again");
            silo.Dispose();
            silo = StartSilo();
        }
    }

    private async Task<CampaignSummary> FollowAsync(string name, long after, CancellationToken cancellationToken)
    {
        if (context.Json)
        {
            await new Follower(client, context.Clock).FollowAsync(
                new() { Campaign = name },
                after,
                (position, happened) =>
                {
                    if (everything || EventText.IsNews(happened))
                    {
                        context.WriteJsonLine(new { Position = position, Event = happened });
                    }
                },
                async token => !(await client.GetCampaignAsync(name, token)).IsLive,
                cancellationToken);
        }
        else
        {
            await new CampaignView(client, name, context.Output, context.Style, context.Clock).FollowAsync(after, everything, cancellationToken);
        }

        return await client.GetCampaignAsync(name, cancellationToken);
    }

    private async Task<int> SumUpAsync(CampaignSummary campaign, CancellationToken cancellationToken)
    {
        if (context.Json)
        {
            context.WriteJsonLine(campaign);
            return campaign.Statuses.All(static pair => pair.Key == "completed" || pair.Value == 0) ? ExitCodes.Success : ExitCodes.Invalid;
        }

        await StatusCommand.ShowCampaignAsync(context, client, campaign, cancellationToken);
        var status = WatchCommand.Tell(context, campaign);
        context.Output.WriteLine(status == ExitCodes.Success
            ? $"results: {Path.Combine(context.Data, "results")}; a report: orchestrator results {campaign.Name} --out FOLDER"
            : $"why: orchestrator up, then orchestrator why {campaign.Name}");
        return status;
    }

    /// <summary>Ctrl-C: the work goes on without us, unless another Ctrl-C comes soon.</summary>
    private async Task<int> LeaveAsync(string campaign, CancellationToken second)
    {
        // Before a word is said: the terminal may be gone.
        if (silo is not null)
        {
            await client.ShutdownAsync(whenIdle: true, cancellationToken: CancellationToken.None);
        }

        Story.WriteLine();
        Story.WriteLine($"{campaign} goes on in the background. Return to it: orchestrator watch {campaign} --data {context.Data}");
        Story.WriteLine($"End it: orchestrator cancel {campaign} --data {context.Data}. Ctrl-C once more within {SecondInterrupt.TotalSeconds:0} s: stop now, with a checkpoint.");

        try
        {
            await Task.Delay(SecondInterrupt, context.Clock, second);
            return ExitCodes.Interrupted;
        }
        catch (OperationCanceledException) when (second.IsCancellationRequested)
        {
            Story.WriteLine("stopping with a checkpoint…");
        }

        await client.ControlCampaignAsync(campaign, SimulationVerb.Pause, "stopped with Ctrl-C", cancellationToken: CancellationToken.None);
        while (await client.GetCampaignAsync(campaign, CancellationToken.None) is { } present
            && present.Statuses.Any(static pair => pair.Value > 0 && pair.Key is "running" or "pausing" or "pending"))
        {
            await Task.Delay(LookAgain * 5, context.Clock, CancellationToken.None);
        }

        if (await HasOtherWorkAsync(campaign))
        {
            Story.WriteLine($"stopped. The agents have other work and go on. Go on with: orchestrator run {source} --data {context.Data}");
            return ExitCodes.Interrupted;
        }

        await EndAgentsAsync();
        if (silo is not null)
        {
            await client.ShutdownAsync(whenIdle: false, cancellationToken: CancellationToken.None);
            await silo.WaitForExitAsync(CancellationToken.None);
        }

        Story.WriteLine($"stopped. Go on with: orchestrator run {source} --data {context.Data}");
        return ExitCodes.Interrupted;
    }

    /// <summary>Ends what was started here, unless others use it by now.</summary>
    private async Task EndAsync()
    {
        if (silo is { HasExited: true })
        {
            await EndAgentsAsync();
            return;
        }

        try
        {
            if (silo is null)
            {
                if (agents.Count > 0 && await HasOtherWorkAsync(null))
                {
                    Story.WriteLine("the agents have other work; they end after the silo");
                    return;
                }

                await EndAgentsAsync();
                return;
            }

            if (await client.ListSimulationsAsync(live: true, cancellationToken: CancellationToken.None).AnyAsync(CancellationToken.None))
            {
                await client.ShutdownAsync(whenIdle: true, cancellationToken: CancellationToken.None);
                Story.WriteLine("the silo has other work; it and the agents end after it");
                return;
            }

            // Agents first: they say goodbye.
            await EndAgentsAsync();
            await client.ShutdownAsync(whenIdle: true, cancellationToken: CancellationToken.None);
        }
        catch (OrchestratorClientException fault) when (fault.IsUnreachable)
        {
            await EndAgentsAsync();
            if (silo is null)
            {
                return;
            }
        }

        await silo.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Whether simulations run or are about to, but those of one campaign: agents that were started here may carry them.</summary>
    private async Task<bool> HasOtherWorkAsync(string? campaign) =>
        await client.ListSimulationsAsync(live: true, cancellationToken: CancellationToken.None)
            .AnyAsync(simulation => simulation.Campaign != campaign && simulation.Status != Core.Simulations.SimulationStatus.Paused, CancellationToken.None);

    private async Task EndAgentsAsync()
    {
        agents.ForEach(static agent => agent.Terminate());
        foreach (var agent in agents)
        {
            await agent.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task<int> AliveAsync(CancellationToken cancellationToken) =>
        await client.ListNodesAsync(cancellationToken).CountAsync(static node => node.Status == NodeStatus.Alive, cancellationToken);

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.GetStatusAsync(cancellationToken);
            return true;
        }
        catch (OrchestratorClientException fault) when (fault.IsUnreachable)
        {
            return false;
        }
    }

    private async Task WaitAsync(BackgroundProcess process, Func<CancellationToken, Task<bool>> isThere, CancellationToken cancellationToken)
    {
        var started = context.Clock.GetTimestamp();
        while (!await isThere(cancellationToken))
        {
            if (process.HasExited)
            {
                throw new CommandException($"{process.Name} did not start; {process.Log} ends with:{Environment.NewLine}{process.LastWords()}", ExitCodes.NotFound);
            }

            if (context.Clock.GetElapsedTime(started) > StartLimit)
            {
                throw new CommandException($"{process.Name} does not answer after {StartLimit.TotalSeconds:0} s; its log is {process.Log}", ExitCodes.NotFound);
            }

            await Task.Delay(LookAgain, context.Clock, cancellationToken);
        }
    }
}
