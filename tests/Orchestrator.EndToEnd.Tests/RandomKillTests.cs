using System.Globalization;
using Orchestrator.Cli.Demo;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;
using Orchestrator.Definitions;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>
/// Silo, agents and programs are killed again and again, a random choice of them at random moments, up to all at once, and started again as an operator would. The seed
/// decides who and when; what the machine does in between is its own affair.
/// </summary>
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private static readonly string[] Agents = ["one", "two", "three"];

    [Theory]
    [InlineData(11)]
    public Task Whatever_is_killed_the_campaign_completes_and_each_stage_once(int seed) => HuntAsync(seed, kills: 4, members: 2, steps: 1000);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(20260321)]
    [InlineData(20260722)]
    public Task Whatever_is_killed_twenty_times_the_campaign_completes_and_each_stage_once(int seed) => HuntAsync(seed, kills: 20, members: 4, steps: 4000);

    private static string Storm(int members, int steps) => $$"""
        name: storm
        project: tests/kills
        members: {{members}}
        defaults: { retries: 20, memory: 64M, duration: 10s }
        stages:
          spin-up:
            run: climate run --seed 7 --member {member} --steps 200 --history-every 100 --pace 4
            outputs: [history.nc, restart/state.bin]
          coupled:
            after: spin-up
            run: climate run --seed 7 --member {member} --initial {stage.spin-up}/restart --steps {{steps}} --history-every 400 --checkpoint-every 200 --pace 5
            restart: climate run --resume {restore} --steps {{steps}} --checkpoint-every 200 --pace 5
            outputs: [history.nc]
            checkpoint: { every: program }
          copies:
            after: coupled
            run: cat {stage.spin-up}/history.nc {stage.coupled}/history.nc > both
            outputs: [both]
        """;

    private async Task HuntAsync(int seed, int kills, int members, int steps)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {kills} kills"));
        var random = new Random(seed);
        var yaml = Storm(members, steps);
        // Shorter than reminders: what waits for one is asleep, and that is a fault.
        using var deployment = new Deployment(window: 3, patience: 280);
        await deployment.StartAsync(Agents);
        await deployment.SubmitAsync(yaml);
        await deployment.StageEventAsync("s-storm-1", "spin-up", EventKinds.StageStarted);

        for (var kill = 1; kill <= kills;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 3000)), TimeProvider.System, deployment.Token);
            if (await KillAsync(deployment, random) is { } killed)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"kill {kill++}: {killed}"));
            }
        }

        await ShouldCompleteAsync(deployment, yaml);
    }

    /// <summary>Kills a random choice, waits a moment, and starts again what an operator would. Null: it met nobody.</summary>
    private static async Task<string?> KillAsync(Deployment deployment, Random random)
    {
        string[] all = ["up", .. Agents];
        string[] chosen = random.Next(4) == 0 ? all : [.. all.Where(_ => random.Next(3) == 0)];
        var withPrograms = random.Next(2) == 0;
        if (chosen.Length == 0)
        {
            // One program alone, or whatever of it is met.
            var programs = deployment.ProgramsLeft();
            return programs.Count > 0 && Programs.Kill(programs[random.Next(programs.Count)]) ? "a process of a program" : null;
        }

        random.Shuffle(chosen);
        foreach (var name in chosen)
        {
            if (withPrograms)
            {
                deployment.Processes.Kill(name);
            }
            else
            {
                deployment.Processes.Signal(name, Deployment.Kill);
            }
        }

        foreach (var name in chosen)
        {
            await deployment.Processes.WaitForExitAsync(name, deployment.Token);
        }

        // At times longer than the detection window.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(5) == 0 ? 4000 : random.Next(500)), TimeProvider.System, deployment.Token);
        foreach (var name in chosen)
        {
            if (name == "up")
            {
                deployment.StartSilo();
            }
            else
            {
                deployment.StartAgent(name);
            }
        }

        return $"{string.Join(", ", chosen)} {(withPrograms ? "with what they started" : "alone")}";
    }

    private async Task ShouldCompleteAsync(Deployment deployment, string yaml)
    {
        var campaign = CampaignFile.Read(yaml).Campaign!;
        foreach (var defined in campaign.Simulations)
        {
            var simulation = await deployment.EndOfAsync(defined.Id.Value);
            simulation.Status.ShouldBe(SimulationStatus.Completed, simulation.Reason);
            output.WriteLine($"{simulation.Id}: {string.Join(", ", simulation.Stages.Select(static stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Name} in {stage.Attempts} attempts, {stage.RetriesUsed} retries, {stage.StepsAgain} steps again")))}");
        }

        var events = await deployment.EventsAsync();
        foreach (var defined in campaign.Simulations)
        {
            foreach (var stage in defined.Stages)
            {
                events.Count(happened => happened.Kind == EventKinds.StageCompleted && happened.Simulation == defined.Id && happened.Stage == stage.Name).ShouldBe(1, $"{stage.Name} of {defined.Id} completes once");
            }

            events.Count(happened => happened.Kind == EventKinds.SimulationCompleted && happened.Simulation == defined.Id).ShouldBe(1);
            var results = Path.Combine(deployment.Data, "results", defined.Id.Value);
            Directory.GetFileSystemEntries(results).Select(static path => Path.GetFileName(path)).Order().ShouldBe(defined.Stages.Select(static stage => stage.Name).Order(), "each stage published once, and nothing half-way is left");
        }

        foreach (var source in events.GroupBy(static happened => happened.Source))
        {
            source.Select(static happened => happened.Sequence).ShouldBe(Enumerable.Range(1, source.Count()).Select(static number => (long)number), $"no event of {source.Key} is lost, repeated or out of order");
        }

        await deployment.UntilAsync(() => deployment.ProgramsLeft().Count == 0, "no program is left");
        var undisturbed = new ReferenceRun(campaign, deployment.Processes, Path.Combine(deployment.Data, "undisturbed"), ClimateProgram.VariablesFor(AppContext.BaseDirectory));
        await undisturbed.RunAsync(deployment.Token);
        undisturbed.Compare(deployment.Data).Different.ShouldBeEmpty("all outputs are those of an undisturbed run");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events.Count} events, {events.Count(static happened => happened.Kind == EventKinds.ReportStale)} stale reports"));
    }
}
