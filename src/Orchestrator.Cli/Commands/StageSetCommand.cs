using System.CommandLine;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Abstractions.Simulations;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;
using Orchestrator.Definitions;

namespace Orchestrator.Cli.Commands;

/// <summary><c>orchestrator stage set SIMULATION STAGE</c>: what a stage counts as, or what it asks for from its next attempt on.</summary>
internal static class StageSetCommand
{
    /// <summary>No limit to the time of a segment.</summary>
    private const string NoWalltime = "none";

    public static DocumentedCommand Create()
    {
        var (simulation, stage, reason, data, json) = (StageCommand.Simulation(), StageCommand.Stage(), CommonOptions.Reason(), CommonOptions.Data(), CommonOptions.Json());
        var state = new Option<string?>("--state") { Description = "completed, failed or soft-failed: it counts as that, whatever became of it.", HelpName = "STATE" };
        var priority = new Option<string?>("--priority") { Description = "background, low, medium, high or critical; of a stage that has not started.", HelpName = "CLASS" };
        var nodes = Number("--nodes", "Nodes, from its next attempt on.");
        var ranks = Number("--ranks-per-node", "MPI ranks on each node, from its next attempt on.");
        var threads = Number("--threads", "Cores of each rank, from its next attempt on.");
        var memory = new Option<string?>("--memory") { Description = "Memory on each node, from its next attempt on.", HelpName = "SIZE" };
        var gpus = Number("--gpus", "GPUs on each node, from its next attempt on.");
        var walltime = new Option<string?>("--walltime") { Description = $"The longest time of one segment, from its next attempt on; `{NoWalltime}` for no limit.", HelpName = "TIME" };
        var duration = new Option<string?>("--duration") { Description = "How long the whole stage takes, by what you know; its progress corrects that later.", HelpName = "TIME" };
        var retries = Number("--retries", "Tries after the first, 0 to 100; those that were used count.");
        var command = new DocumentedCommand(
            "set", "Set the state of a stage, or what it asks for: an attempt that runs keeps what it has, the next one gets the new.",
            [
                "orchestrator stage set s-co2-ensemble-control-1 spin-up --state completed --reason 'its files are good'",
                "orchestrator stage set s-co2-ensemble-control-1 coupled --nodes 8 --priority high",
                "orchestrator stage set s-co2-ensemble-control-1 coupled --walltime 2-00:00:00 --duration 40d --retries 10",
            ],
            StageCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        { simulation, stage, state, priority, nodes, ranks, threads, memory, gpus, walltime, duration, retries, reason, data, json };
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var (id, name) = (parsed.GetRequiredValue(simulation), parsed.GetRequiredValue(stage));
            List<string> mistakes = [];
            var wanted = State(parsed.GetValue(state), mistakes);
            var change = new StageRequest
            {
                Reason = parsed.GetValue(reason),
                Priority = Priority(parsed.GetValue(priority), mistakes),
                Walltime = parsed.GetValue(walltime) == NoWalltime ? TimeSpan.Zero : Time("--walltime", parsed.GetValue(walltime), $"{DurationText.Allowed}, or {NoWalltime}", mistakes),
                Duration = Time("--duration", parsed.GetValue(duration), DurationText.Allowed, mistakes),
                Retries = parsed.GetValue(retries),
            };
            var bytes = Size(parsed.GetValue(memory), mistakes);
            var asksOther = bytes is not null || new[] { nodes, ranks, threads, gpus }.Any(option => parsed.GetValue(option) is not null);
            if (mistakes.Count > 0)
            {
                throw new CommandException(string.Join("; ", mistakes), ExitCodes.Unreadable);
            }

            var changes = asksOther || change is not { Priority: PriorityClass.Absent, Walltime: null, Duration: null, Retries: null };
            if (changes == (wanted != StageStatus.Absent))
            {
                throw new CommandException("either --state, or what it asks for (--nodes, --ranks-per-node, --threads, --memory, --gpus, --walltime, --duration, --retries, --priority) is needed", ExitCodes.Unreadable);
            }

            using var client = context.Connect();
            if (!changes)
            {
                return StageCommand.Tell(context, $"{id} {name}", "set", await client.SteerStageAsync(new SimulationId(id), name, StageVerb.Set, new() { Status = wanted, Reason = change.Reason }, cancellationToken: cancellationToken));
            }

            if (asksOther)
            {
                var before = await BeforeAsync(client.GetSimulationAsync(new SimulationId(id), cancellationToken), name);
                change = change with
                {
                    Resources = before with
                    {
                        Nodes = parsed.GetValue(nodes) ?? before.Nodes,
                        RanksPerNode = parsed.GetValue(ranks) ?? before.RanksPerNode,
                        Threads = parsed.GetValue(threads) ?? before.Threads,
                        MemoryPerNode = bytes ?? before.MemoryPerNode,
                        GpusPerNode = parsed.GetValue(gpus) ?? before.GpusPerNode,
                    },
                };
            }

            return StageCommand.Tell(context, $"{id} {name}", "changed", await client.SteerStageAsync(new SimulationId(id), name, StageVerb.Change, change, cancellationToken: cancellationToken));
        }));
        return command;
    }

    /// <summary>What the next attempt asks for so far.</summary>
    private static async Task<ResourceRequest> BeforeAsync(Task<SimulationView> asked, string name)
    {
        var view = await asked;
        return view.Stages.FirstOrDefault(stage => stage.Name == name) is { } found
            ? found.NextResources ?? found.Resources
            : throw new CommandException($"{view.Id} has no stage {name}; {string.Join(", ", view.Stages.Select(static stage => stage.Name))} are there", ExitCodes.NotFound);
    }

    private static StageStatus State(string? said, List<string> mistakes)
    {
        switch (said)
        {
            case null:
                return StageStatus.Absent;
            case "completed":
                return StageStatus.Completed;
            case "failed":
                return StageStatus.Failed;
            case "soft-failed":
                return StageStatus.SoftFailed;
            default:
                mistakes.Add($"--state: \"{said}\" is not allowed; completed, failed and soft-failed are");
                return StageStatus.Absent;
        }
    }

    private static PriorityClass Priority(string? said, List<string> mistakes)
    {
        if (said is null)
        {
            return PriorityClass.Absent;
        }

        if (Enum.TryParse<PriorityClass>(said, ignoreCase: true, out var known) && known != PriorityClass.Absent && Enum.IsDefined(known))
        {
            return known;
        }

        mistakes.Add($"--priority: \"{said}\" is not allowed; background, low, medium, high and critical are");
        return PriorityClass.Absent;
    }

    private static TimeSpan? Time(string option, string? said, string allowed, List<string> mistakes)
    {
        if (said is null)
        {
            return null;
        }

        if (DurationText.TryParse(said, out var time, out var problem))
        {
            return time;
        }

        mistakes.Add($"{option}: {problem}; {allowed}");
        return null;
    }

    private static long? Size(string? said, List<string> mistakes)
    {
        if (said is null)
        {
            return null;
        }

        if (SizeText.TryParse(said, out var bytes, out var problem))
        {
            return bytes;
        }

        mistakes.Add($"--memory: {problem}; {SizeText.Allowed}");
        return null;
    }

    private static Option<int?> Number(string name, string description) => new(name) { Description = description, HelpName = "N" };
}
