using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using Orchestrator.Cli.Commands;
using Orchestrator.Definitions;
using Orchestrator.Pilot;
using Orchestrator.Pilot.Nodes;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Cli.Pilots;

/// <summary><c>orchestrator pilot worker</c>: what a pilot starts on the other nodes; nobody types it.</summary>
internal static class PilotWorkerCommand
{
    public static Command Create()
    {
        var cores = new Option<int>("--cores") { Description = "Cores that tasks may use at once.", HelpName = "N", Required = true };
        var gpus = new Option<int>("--gpus") { Description = "GPUs that tasks may use at once.", HelpName = "N" };
        var workdir = new Option<string>("--workdir") { Description = "Where each task has its folder.", HelpName = "DIR", Required = true };
        var run = new Option<string>("--run") { Description = "The campaign.", HelpName = "ID", Required = true };
        var name = new Option<string>("--name") { Description = "This node.", HelpName = "NODE", Required = true };
        var slot = new Option<int>("--first-slot") { Description = "Number of its first pair of files for packed output.", HelpName = "N" };
        var output = new Option<string>("--output") { Description = "As of the pilot.", HelpName = "folders|packed", DefaultValueFactory = static _ => "folders" };
        var killAfter = new Option<string>("--kill-after") { Description = "As of the pilot.", HelpName = "DURATION", DefaultValueFactory = static _ => "5s" };
        var silence = new Option<string>("--silence") { Description = "As --node-silence of the pilot.", HelpName = "DURATION", DefaultValueFactory = static _ => "1m" };
        var pin = new Option<bool>("--no-pin") { Description = "As of the pilot." };
        var command = new DocumentedCommand(
            "worker", "Run what a pilot on another node sends through standard input; a pilot starts it.", ["orchestrator pilot worker --cores 8 --workdir runs --run 0 --name n2"], DocumentedCommand.Done, DocumentedCommand.Usage)
        {
            cores, gpus, workdir, run, name, slot, output, killAfter, silence, pin,
        };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            // A launcher passes Ctrl-C and the end of the job on to everybody; the pilot says what becomes of the tasks, and its end is the end of this worker.
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, static context => context.Cancel = true);
            var options = new LocalNodeOptions
            {
                Name = parsed.GetRequiredValue(name),
                Capacity = new(parsed.GetRequiredValue(cores), parsed.GetValue(gpus), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
                Workdir = Path.GetFullPath(parsed.GetRequiredValue(workdir)),
                RunId = parsed.GetRequiredValue(run),
                IsPacked = parsed.GetRequiredValue(output) == "packed",
                FirstSlot = parsed.GetValue(slot),
                IsPinned = !parsed.GetValue(pin),
                KillAfter = DurationText.TryParse(parsed.GetRequiredValue(killAfter), out var duration, out _) ? duration : TimeSpan.FromSeconds(5),
                Environment = TaskEnvironment.Create(),
            };
            var results = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 16 * 1024);
            var silenceMax = DurationText.TryParse(parsed.GetRequiredValue(silence), out var longest, out _) ? longest : TimeSpan.FromMinutes(1);
            using var worker = new WorkerHost(options, Console.In, results, parsed.InvocationConfiguration.Error, TimeProvider.System, silenceMax);
            ChildProcess.IgnoreSignals();
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                worker.Terminated();
            });
            try
            {
                if (worker.Run())
                {
                    results.Dispose();
                    return ExitCodes.Success;
                }
            }
            catch (IOException fault)
            {
                parsed.InvocationConfiguration.Error.WriteLine(fault.Message);
            }

            return ExitCodes.Invalid;
        });
        return command;
    }
}
