using System.CommandLine;
using System.Globalization;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Reports;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Cli.Tasks;

/// <summary><c>orchestrator tasks SIMULATION STAGE</c>: the tasks of a stage that is an array.</summary>
internal static class TasksCommand
{
    public static Command Create()
    {
        var simulation = new Argument<string>("SIMULATION") { Description = "A simulation (s-…)." };
        var stage = new Argument<string>("STAGE") { Description = "One of its stages that has tasks." };
        var failed = new Option<bool>("--failed") { Description = "List those that failed, with where their output is." };
        var retry = new Option<bool>("--retry-failed") { Description = "Try those that failed again, from their first attempt; a stage that has ended runs again for them, and what comes after it. What completed does not run again." };
        var (reason, data, json) = (CommonOptions.Reason(), CommonOptions.Data(), CommonOptions.Json());
        var command = new DocumentedCommand(
            "tasks", "Show how many tasks of a stage wait, run, completed and failed, and try failed ones again.",
            ["orchestrator tasks s-sweep simulate", "orchestrator tasks s-sweep simulate --failed", "orchestrator tasks s-sweep simulate --retry-failed --reason 'the input was missing'"],
            DocumentedCommand.Done, DocumentedCommand.Usage, DocumentedCommand.NotFound, DocumentedCommand.Refused)
        {
            simulation, stage, failed, retry, reason, data, json,
        };
        command.Add(TasksWorkCommand.Create());
        command.SetAction(CommandContext.Action(data, json, async (context, parsed, cancellationToken) =>
        {
            var (id, name) = (new SimulationId(parsed.GetRequiredValue(simulation)), parsed.GetRequiredValue(stage));
            using var client = context.Connect();
            if (parsed.GetValue(retry))
            {
                var reply = await client.RetryFailedTasksAsync(id, name, parsed.GetValue(reason), cancellationToken: cancellationToken);
                if (context.Json)
                {
                    context.WriteJson(reply);
                }
                else
                {
                    context.Output.WriteLine($"{ReportText.Of(reply.Tasks, "failed task")} of {name} {(reply.Tasks == 1 ? "waits" : "wait")} again{(reply.IsRerun ? "; the stage had ended and runs again for them" : "")}");
                }

                return ExitCodes.Success;
            }

            var status = await client.GetTasksAsync(id, name, cancellationToken);
            if (context.Json)
            {
                context.WriteJson(status);
                return ExitCodes.Success;
            }

            context.Output.WriteLine($"{name}: {Summary(status)}");
            foreach (var worker in status.Idle)
            {
                context.Output.WriteLine($"{worker.Stage} {(worker.Status == StageStatus.Failed ? "has failed" : "waits")}: {worker.Reason}");
            }

            if (parsed.GetValue(failed) && status.Failed.Length > 0)
            {
                var table = new TextTable("TASK", "WHY", "ATTEMPTS", "NODE", "OUTPUT");
                foreach (var task in status.Failed)
                {
                    table.Add(task.Name, Why(task), task.Attempts.ToString(CultureInfo.InvariantCulture), ReportText.Node(task.Node), Path.Combine(context.Data, task.Folder));
                }

                table.Write(context.Output, context.Style);
                if (status.Counts.Failed > status.Failed.Length)
                {
                    context.Output.WriteLine($"and {ReportText.Count(status.Counts.Failed - status.Failed.Length)} more");
                }
            }

            return ExitCodes.Success;
        }));
        return command;
    }

    /// <summary>One line.</summary>
    public static string Summary(TaskSetStatus status) =>
        $"{ReportText.Of(status.Tasks, "task")}: {ReportText.Count(status.Counts.Completed)} completed, {ReportText.Count(status.Counts.Failed)} failed, {ReportText.Count(status.Counts.Given)} running, {ReportText.Count(status.Counts.Waiting)} waiting";

    private static string Why(FailedTask task) => task.Kind switch
    {
        TaskFaultKind.TimedOut => "timed out",
        TaskFaultKind.NotStarted => "could not be started",
        _ when task.Code < 0 => string.Create(CultureInfo.InvariantCulture, $"signal {-task.Code}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"exit status {task.Code}"),
    };
}
