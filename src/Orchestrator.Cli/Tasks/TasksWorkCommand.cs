using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Abstractions;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Machine;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;
using Orchestrator.Pilot;
using Orchestrator.Pilot.Arrays;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Cli.Tasks;

/// <summary><c>orchestrator tasks work</c>: what an agent starts as an attempt of a stage with tasks; nobody types it.</summary>
internal static partial class TasksWorkCommand
{
    /// <summary>"Checkpointed, continue me": what is left goes on in another attempt, and no retry is used.</summary>
    private const int Continue = 85;

    /// <summary>Of the attempt, not of its tasks: what they said of themselves would be said of all. By the rest the agent finds whatever belongs to the attempt, too.</summary>
    private static readonly string[] NotForTasks = ["ORCHESTRATOR_PROGRESS_FILE", "ORCHESTRATOR_CHECKPOINT_DIR", "ORCHESTRATOR_RESTORE_DIR"];

    /// <summary>The words of the shell line by which an agent starts it.</summary>
    public static string Words(string data, Uri? url, string? tokenFile) =>
        $"{OwnProgram.Words} tasks work --data {OwnProgram.Quoted(data)}{(url is null ? "" : $" --url {OwnProgram.Quoted(url.ToString())}")}{(tokenFile is null ? "" : $" --token-file {OwnProgram.Quoted(Path.GetFullPath(tokenFile))}")}";

    public static Command Create()
    {
        var data = CommonOptions.Data();
        var url = new Option<string?>("--url") { Description = "As of the agent.", HelpName = "URL" };
        var tokenFile = new Option<string?>("--token-file") { Description = "As of the agent.", HelpName = "FILE" };
        var command = new DocumentedCommand(
            "work", "Run tasks of a stage; an agent starts it.", ["orchestrator tasks work --data .orchestrator"],
            (ExitCodes.Success, "every task of the stage has its end"), (TaskSetDefinition.TooManyFailed, "more tasks failed than may"), (TaskSetDefinition.BadNode, "tasks fail on this node that others complete"), (Continue, "tasks are left for the next attempt"))
        {
            data, url, tokenFile,
        };
        command.Hidden = true;
        command.SetAction(CommandContext.Action(data, null, async (context, parsed, _) =>
        {
            using var client = AgentCommand.Connect(context, parsed.GetValue(url) is { } address ? new Uri(address) : null, parsed.GetValue(tokenFile));
            if (Environment.GetEnvironmentVariable("ORCHESTRATOR_PROGRESS_FILE") is not { Length: > 0 } progress)
            {
                throw new CommandException("ORCHESTRATOR_PROGRESS_FILE is not set: an agent starts this command", ExitCodes.Unreadable);
            }

            var launch = JsonSerializer.Deserialize<LaunchSpecification>(await File.ReadAllBytesAsync(Path.Combine(Path.GetDirectoryName(progress)!, "spec.json"), CancellationToken.None), WireJson.Options);
            if (launch is not { Stage.Tasks: { } tasks, Shares: [var share, ..] })
            {
                throw new CommandException("the attempt has no tasks", ExitCodes.Unreadable);
            }

            using var leave = new CancellationTokenSource();
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
            {
                signal.Cancel = true;
                leave.Cancel();
            });
            var run = Environment.CurrentDirectory;
            var environment = TaskEnvironment.Create();
            environment.AddRange(TaskEnvironment.Whole().Where(static variable => variable.Key.StartsWith("ORCHESTRATOR_", StringComparison.Ordinal) && !NotForTasks.Contains(variable.Key)));
            var local = new LocalNodeOptions
            {
                Name = share.Node.Value,
                Capacity = new(Math.Max(1, share.Cores.Length), share.Gpus.Length, share.Memory > 0 ? share.Memory : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
                GpuNumbers = [.. share.Gpus],
                Workdir = run,
                RunId = launch.Attempt.ToString(),
                Environment = environment,
            };
            // On a full disk the log of this attempt cannot be written either.
            using var warnings = new SteadyWriter(context.Error, static _ => { });
            using var worker = new ArrayWorker(
                new() { Tasks = Filled(tasks, launch, context.Data, run), Epoch = launch.Attempt.Epoch, Node = share.Node.Value, Until = launch.EndTime - launch.Stage.Grace, Tell = counts => Tell(progress, counts, warnings) },
                new GatewaySegments(client, launch.Attempt.Simulation, tasks.Set),
                events => new LocalNode(local, events, context.Clock),
                warnings, context.Clock);
            try
            {
                var end = await worker.RunAsync(leave.Token);
                var counts = worker.Counts;
                context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tasks.Set}: {counts.Completed} completed, {counts.Failed} failed, {counts.Waiting + counts.Given} left"));
                if (end == ArrayWorkerEnd.BadNode)
                {
                    context.Error.WriteLine($"{tasks.Set}: {TaskSetDefinition.BadNodeWords}");
                    return TaskSetDefinition.BadNode;
                }

                return end != ArrayWorkerEnd.Finished ? Continue : counts.Failed > tasks.FailuresMax ? TaskSetDefinition.TooManyFailed : ExitCodes.Success;
            }
            catch (TaskSegmentsException refused)
            {
                throw new CommandException(refused.Message, ExitCodes.Refused);
            }
        }));
        return command;
    }

    /// <summary>As any program tells its progress; the step is how many tasks have their end. Where it cannot be written now, the next line says the same and more.</summary>
    private static void Tell(string file, TaskCounts counts, TextWriter warnings)
    {
        var line = JsonSerializer.Serialize(new
        {
            progress = counts.Tasks == 0 ? 0 : (counts.Completed + counts.Failed) / (double)counts.Tasks,
            step = counts.Completed + counts.Failed,
            metrics = new { tasks_completed = counts.Completed, tasks_failed = counts.Failed, tasks_running = counts.Given },
        });
        try
        {
            File.AppendAllText(file, line + "\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            warnings.WriteLine($"{file} cannot be written: {fault.Message}; tasks run on");
        }
    }

    /// <summary>With what is known only now in place of its words.</summary>
    private static TaskSetDefinition Filled(TaskSetDefinition tasks, LaunchSpecification launch, string data, string run)
    {
        return tasks with
        {
            Groups = [.. tasks.Groups.Select(group => group with
            {
                Run = Replace(group.Run, static path => Plain().IsMatch(path) ? path : OwnProgram.Quoted(path)),
                Workdir = group.Workdir is { } folder ? Replace(folder, static path => path) : null,
                Environment = group.Environment.ToImmutableSortedDictionary(static pair => pair.Key, pair => Replace(pair.Value, static path => path)),
            })],
        };

        string Replace(string text, Func<string, string> path) => Word().Replace(text, match => match.Groups[1].Value switch
        {
            "run" => path(run),
            "epoch" => launch.Attempt.Epoch.ToString(CultureInfo.InvariantCulture),
            var word when word.StartsWith("stage.", StringComparison.Ordinal) => path(Path.Combine(data, RunLayout.ResultsDirectory(launch.Attempt.Simulation, word["stage.".Length..]))),
            _ => match.Value,
        });
    }

    [GeneratedRegex(@"(?<!\$)\{([A-Za-z_][A-Za-z0-9_.-]*)\}")]
    private static partial Regex Word();

    [GeneratedRegex("^[A-Za-z0-9_./@%+=:,-]*$")]
    private static partial Regex Plain();
}
