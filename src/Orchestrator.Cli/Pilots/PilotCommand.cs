using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Machine;
using Orchestrator.Cli.Terminal;
using Orchestrator.Core.TaskSets;
using Orchestrator.Definitions;
using Orchestrator.Pilot;
using Orchestrator.Pilot.Batch;

namespace Orchestrator.Cli.Pilots;

/// <summary><c>orchestrator pilot</c>: a campaign of many short tasks on the cores that are there now.</summary>
internal static class PilotCommand
{
    /// <summary>Work is left for the next pilot; EX_TEMPFAIL of sysexits.h, which batch scripts test for.</summary>
    public const int Left = 75;

    public static Command Create()
    {
        var cores = new Option<int?>("--cores") { Description = "Cores that tasks may use at once (inside a Slurm, PBS or LSF job: what it has there).", HelpName = "N" };
        var tasks = new Option<string?>("--tasks") { Description = "Tasks, JSON: a list of objects with id, command, and where needed cores, gpus, memory, timeout, priority, max_retries, workdir, env, tags, after; with count or range one stands for many, and {index} in its command is its number (docs/pilot.md).", HelpName = "FILE" };
        var workdir = new Option<string?>("--workdir") { Description = "Where each task has its folder with stdout.txt and stderr.txt (default: ./pilot_runs, or where the database says).", HelpName = "DIR" };
        var database = new Option<string?>("--db") { Description = "Keep the campaign in this file (SQLite): what it says has ended does not run again.", HelpName = "FILE" };
        var resume = new Option<bool>("--resume") { Description = "Go on with what the database holds; --tasks may add to it." };
        var retryFailed = new Option<bool>("--retry-failed") { Description = "With --resume: failed tasks begin anew." };
        var workers = new Option<int?>("--max-workers") { Description = "At most so many tasks at once (default: as many as cores).", HelpName = "N" };
        var hook = new Option<string?>("--on-complete") { Description = "A command, started once: each result is a JSON line to it, its answer a line with the tasks that come next, [] for none. -: standard input and output.", HelpName = "COMMAND" };
        var perResult = new Option<bool>("--on-complete-each") { Description = "Start the command of --on-complete for each result; all it prints are tasks." };
        var timeLeft = new Option<string?>("--time-left") { Description = "Start nothing that cannot end before (inside a batch job: its end).", HelpName = "DURATION" };
        var stopAfter = new Option<string?>("--stop-after") { Description = "Upon Ctrl-C or SIGTERM running tasks may go on so long (default: 10s); the second ends them.", HelpName = "DURATION" };
        var killAfter = new Option<string?>("--kill-after") { Description = "From TERM to KILL for a task that is ended (default: 5s).", HelpName = "DURATION" };
        var nodes = new Option<string?>("--nodes") { Description = "Workers on these nodes too, with as many cores each (inside a batch job: its other nodes; none: this node alone).", HelpName = "NAME,NAME" };
        var launch = new Option<string?>("--launch") { Description = "How a worker is started on {node} (default: srun, pbs_tmrsh or blaunch inside a batch job, else ssh).", HelpName = "COMMAND" };
        var nodeSilence = new Option<string?>("--node-silence") { Description = "A node that says nothing for so long is lost; what it had runs elsewhere once it must have ended there (default: 1m).", HelpName = "DURATION" };
        var gpus = new Option<int>("--gpus") { Description = "GPUs that tasks may use at once; each sees its own by CUDA_VISIBLE_DEVICES.", HelpName = "N" };
        var memory = new Option<string?>("--memory") { Description = "Memory that tasks may declare together (default: the machine's).", HelpName = "SIZE" };
        var executor = new Option<string>("--executor") { Description = "local; null starts nothing, to measure the pilot itself.", HelpName = "local|null", DefaultValueFactory = static _ => "local" };
        var output = new Option<string?>("--output") { Description = "A folder for each task, or all output packed in few files, for very many tasks (default: folders).", HelpName = "folders|packed" };
        var pin = new Option<bool>("--no-pin") { Description = "Let the kernel place tasks; otherwise each has processors of its own." };
        var verbose = new Option<bool>("--verbose") { Description = "Two lines for each task, however many there are." };
        var quiet = new Option<bool>("--quiet") { Description = "The last line only." };
        executor.AcceptOnlyFromAmong("local", "null");
        output.AcceptOnlyFromAmong("folders", "packed");
        foreach (var count in new[] { cores, workers })
        {
            count.Validators.Add(static result => Whole(result, 1, TaskShape.CoresMax));
        }

        gpus.Validators.Add(static result => Whole(result, 0, 10_000));
        foreach (var duration in new[] { timeLeft, stopAfter, killAfter, nodeSilence })
        {
            duration.Validators.Add(static result => Check(result, static text => DurationText.TryParse(text, out _, out var problem) ? null : $"{problem}; allowed: {DurationText.Allowed}"));
        }

        memory.Validators.Add(static result => Check(result, static text => SizeText.TryParse(text, out _, out var problem) ? null : $"{problem}; allowed: {SizeText.Allowed}"));
        var command = new DocumentedCommand(
            "pilot", "Run very many short tasks on the cores of this machine or batch job, none of them twice.",
            ["orchestrator pilot --cores 8 --tasks tasks.json", "orchestrator pilot --cores 8 --tasks tasks.json --db state.db", "orchestrator pilot --cores 8 --db state.db --resume"],
            (ExitCodes.Success, "every task has completed"), (ExitCodes.Invalid, "a task failed"), (ExitCodes.Unreadable, "wrong usage, or bad input; nothing was started"),
            (Left, "tasks are left for the next pilot, because the time is over"), (ExitCodes.Interrupted, "stopped by Ctrl-C or SIGTERM; --resume goes on"))
        {
            cores, tasks, workdir, database, resume, retryFailed, workers, hook, perResult, timeLeft, stopAfter, killAfter, nodes, launch, nodeSilence, gpus, memory, executor, output, pin, verbose, quiet,
        };
        command.Add(PilotOutputCommand.Create());
        command.Add(PilotWorkerCommand.Create());
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var started = TimeProvider.System.GetUtcNow();
            var error = parsed.InvocationConfiguration.Error;
            var job = EnclosingJob.Read(error);
            if ((parsed.GetValue(cores) ?? job?.Cores) is not { } count)
            {
                error.WriteLine("Option '--cores' is required outside of a batch job.");
                error.WriteLine("See `orchestrator pilot --help`.");
                return ExitCodes.Unreadable;
            }

            var options = new PilotOptions
            {
                Capacity = new(count, parsed.GetValue(gpus), Size(parsed.GetValue(memory)) ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
                OtherNodes = Others(parsed.GetValue(nodes), count, job),
                Launcher = parsed.GetValue(launch) ?? (job is { Launcher.Length: > 0 } ? job.Launcher : BatchJob.Ssh),
                NodeSilence = Duration(parsed.GetValue(nodeSilence)) ?? TimeSpan.FromMinutes(1),
                Program = OwnProgram.Words,
                TasksFile = parsed.GetValue(tasks),
                Workdir = parsed.GetValue(workdir),
                Database = parsed.GetValue(database),
                Resume = parsed.GetValue(resume),
                RetryFailed = parsed.GetValue(retryFailed),
                WorkersMax = parsed.GetValue(workers),
                OnComplete = parsed.GetValue(hook),
                IsHookPerResult = parsed.GetValue(perResult),
                EndsAt = started + Duration(parsed.GetValue(timeLeft)) ?? (job is null ? null : EnclosingJob.EndOf(job)),
                StopAfter = Duration(parsed.GetValue(stopAfter)) ?? TimeSpan.FromSeconds(10),
                KillAfter = Duration(parsed.GetValue(killAfter)) ?? TimeSpan.FromSeconds(5),
                IsNull = parsed.GetRequiredValue(executor) == "null",
                IsPacked = parsed.GetValue(output) is { } kind ? kind == "packed" : null,
                IsPinned = !parsed.GetValue(pin),
                Lines = parsed.GetValue(quiet) ? LineMode.Quiet : parsed.GetValue(verbose) ? LineMode.All : LineMode.Auto,
            };
            using var interrupt = new Interrupt(cancellationToken);
            return await RunAsync(options, parsed.InvocationConfiguration.Output, error, interrupt).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(PilotOptions options, TextWriter output, TextWriter error, Interrupt interrupt)
    {
        // Results speak on standard output: then lines for people go to standard error. The console's own writer flushes after each line, which costs at many tasks a second.
        var isConversation = options.OnComplete == "-";
        var buffered = ReferenceEquals(output, Console.Out) && !isConversation ? new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 16 * 1024) : null;

        // Whoever redirected them to a disk that is full loses lines, not the campaign.
        var warnings = new SteadyWriter(error, static _ => { });
        using var lines = new SteadyWriter(isConversation ? error : buffered ?? output, fault => warnings.WriteLine($"lines for people cannot be written and are left out: {fault.Message}"));
        try
        {
            var result = await PilotHost.RunAsync(
                options, new() { Lines = lines, Warnings = warnings, Results = output, Answers = isConversation ? Console.In : TextReader.Null }, TimeProvider.System, interrupt.First, interrupt.Second).ConfigureAwait(false);
            if (result.Fault is { } fault)
            {
                warnings.WriteLine(fault);
            }

            if (result.Left > 0)
            {
                lines.WriteLine($"{result.Left} tasks are left{(options.Database is { } database ? $": orchestrator pilot --cores {options.Capacity.Cores} --db {database} --resume" : "")}");
            }

            lines.WriteLine(result.ToString());
            await lines.FlushAsync().ConfigureAwait(false);
            return result.Fault is not null ? ExitCodes.Invalid
                : result.IsInterrupted ? ExitCodes.Interrupted
                : result.Failed > 0 ? ExitCodes.Invalid
                : result.Left > 0 ? Left
                : ExitCodes.Success;
        }
        catch (PilotException refused)
        {
            foreach (var line in refused.Lines)
            {
                warnings.WriteLine(line);
            }

            return ExitCodes.Unreadable;
        }
    }

    private static List<(string Name, int Cores)> Others(string? named, int cores, BatchJob? job) =>
        named == "none" ? []
        : named is not null ? [.. named.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name => (name, cores))]
        : [.. (job?.Hosts ?? []).Where(host => !host.Is(job!.Here ?? Environment.MachineName)).Select(host => (host.Name, host.Cores ?? cores))];

    private static TimeSpan? Duration(string? text) => text is not null && DurationText.TryParse(text, out var duration, out _) ? duration : null;

    private static long? Size(string? text) => text is not null && SizeText.TryParse(text, out var bytes, out _) ? bytes : null;

    private static void Whole(OptionResult result, int least, int most) => Check(
        result,
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? null : $"must be a whole number from {least} to {most}");

    private static void Check(OptionResult result, Func<string, string?> problem)
    {
        if (result.Tokens.Count > 0 && problem(result.Tokens[0].Value) is { } wrong)
        {
            result.AddError($"{result.Option.Name}: {wrong}.");
        }
    }
}
