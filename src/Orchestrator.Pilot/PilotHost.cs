using Orchestrator.Pilot.Hooks;
using Orchestrator.Pilot.Journal;
using Orchestrator.Pilot.Nodes;
using Orchestrator.Pilot.Processes;

namespace Orchestrator.Pilot;

/// <summary>Puts a pilot together, runs it to its end and writes its summary.</summary>
internal static class PilotHost
{
    /// <summary>Runs a campaign.</summary>
    /// <param name="given">What was asked for.</param>
    /// <param name="streams">Where lines go, and what <c>--on-complete -</c> speaks through.</param>
    /// <param name="clock">The time.</param>
    /// <param name="stop">Starts nothing more.</param>
    /// <param name="now">Ends what runs.</param>
    /// <exception cref="PilotException">Nothing was started; every reason is a line.</exception>
    public static async Task<PilotResult> RunAsync(PilotOptions given, PilotStreams streams, TimeProvider clock, CancellationToken stop, CancellationToken now)
    {
        var options = given with { Database = given.Database is { } database ? Path.GetFullPath(database) : null };
        if (options.Database is null && (options.Resume || options.RetryFailed))
        {
            throw new PilotException($"{(options.Resume ? "--resume" : "--retry-failed")} needs --db: without a database nothing is kept that could be resumed.");
        }

        if (options.TasksFile is null && !options.Resume && options.OnComplete != "-")
        {
            throw new PilotException("Give --tasks FILE, or --db FILE --resume.");
        }

        if (options.Resume && options.TasksFile is null && !File.Exists(options.Database))
        {
            throw new PilotException($"--resume: there is no {options.Database}.");
        }

        byte[]? file = null;
        try
        {
            file = options.TasksFile is { } path ? await File.ReadAllBytesAsync(path, stop).ConfigureAwait(false) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new PilotException(fault.Message);
        }

        var report = new PilotReport(streams.Lines, streams.Warnings, options.Lines, clock);
        PilotJournal? journal = null;
        try
        {
            journal = options.Database is { } known ? PilotJournal.Open(known, clock) : null;
            if (journal?.NetworkFileSystem is { } network)
            {
                report.Warn($"{options.Database} is on {network}: a local disk takes more transactions a second");
            }

            options = Settle(options, journal);
            return await RunAsync(options, report, journal, file, streams, clock, stop, now).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is JournalException or IOException or UnauthorizedAccessException)
        {
            throw new PilotException(fault.Message);
        }
        finally
        {
            journal?.Dispose();
        }
    }

    /// <summary>Starts a worker on each of the other nodes, all at once; those that do not come up in time are told and left out.</summary>
    private static void StartWorkers(PilotOptions options, PilotReport report, PilotRun run, Spawner spawner, TimeProvider clock)
    {
        const int slotsOfNode = 10_000;
        var greetings = new List<(string Name, HookProcess Process, Task<RemoteNode> Greeting)>();
        foreach (var (name, cores) in options.OtherNodes)
        {
            var launcher = options.Launcher.Replace("{node}", name, StringComparison.Ordinal).Replace("{cores}", $"{cores}", StringComparison.Ordinal);
            var command = $"exec {launcher} {options.Program} pilot worker --cores {cores} --gpus {options.Capacity.Gpus} --workdir '{options.Workdir!.Replace("'", "'\\''", StringComparison.Ordinal)}' --run {run.RunId} --name {name}"
                + $" --first-slot {(greetings.Count + 1) * slotsOfNode} --output {(options.IsPacked == true ? "packed" : "folders")} --kill-after {options.KillAfter.TotalSeconds:0.###}s --silence {options.NodeSilence.TotalSeconds:0.###}s{(options.IsPinned ? "" : " --no-pin")}";
            var process = new HookProcess(command, spawner);
            var remote = new RemoteNodeOptions { Name = name, SilenceMax = options.NodeSilence, KillAfter = options.KillAfter };
            greetings.Add((name, process, Task.Factory.StartNew(() => RemoteNode.Greet(remote, process, run, clock), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        }

        // One minute for all of them together, and never most of the time that there is.
        var (began, patience) = (clock.GetTimestamp(), TimeSpan.FromMinutes(1));
        if (options.EndsAt is { } end && (end - clock.GetUtcNow()) / 4 < patience)
        {
            patience = (end - clock.GetUtcNow()) / 4;
        }

        foreach (var (name, process, greeting) in greetings)
        {
            try
            {
                var left = patience - clock.GetElapsedTime(began);
                var node = greeting.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock).GetAwaiter().GetResult();
                node.Begin();
                run.AddNode(node);
            }
            catch (Exception fault) when (fault is IOException or TimeoutException)
            {
                process.Kill();
                report.Warn($"{name} is left out: {(fault is TimeoutException ? $"its worker did not come up within {patience.TotalSeconds:0} s" : fault.Message)}");
            }
        }
    }

    /// <summary>What was not said is as the campaign had it before.</summary>
    private static PilotOptions Settle(PilotOptions options, PilotJournal? journal)
    {
        var settled = options with
        {
            Workdir = Path.GetFullPath(options.Workdir ?? journal?.Get("workdir") ?? "pilot_runs"),
            IsPacked = options.IsPacked ?? journal?.Get("output") == "packed",
        };
        Directory.CreateDirectory(settled.Workdir);
        journal?.Set("workdir", settled.Workdir);
        journal?.Set("output", settled.IsPacked == true ? "packed" : "folders");
        return settled;
    }

    private static async Task<PilotResult> RunAsync(
        PilotOptions options, PilotReport report, PilotJournal? journal, byte[]? file, PilotStreams streams, TimeProvider clock, CancellationToken stop, CancellationToken now)
    {
        ChildProcess.IgnoreSignals();

        // A launcher is of the batch job, and finds it by its variables; a hook is none of it, like a task. Both outlive the run, which may start one to its end.
        var environment = TaskEnvironment.Create();
        using var hookDefaults = new SpawnDefaults(environment);
        using var hookSpawner = new Spawner(hookDefaults);
        using var launchDefaults = new SpawnDefaults(TaskEnvironment.Whole());
        using var launchSpawner = new Spawner(launchDefaults);
        using var run = new PilotRun(options, report, journal, clock);
        if (!options.IsNull && journal is not null && ProcessTree.Kill($"ORCHESTRATOR_PILOT={run.RunId}/") is > 0 and var left)
        {
            report.Warn($"{left} processes of a pilot that was killed were still running; they are ended, and their tasks run again");
        }

        run.AddNode(options.IsNull
            ? new NullNode(options.Capacity, run, run.WaitForRoom)
            : new LocalNode(
                new()
                {
                    Capacity = options.Capacity, Workdir = options.Workdir!, RunId = run.RunId, IsPacked = options.IsPacked == true, IsPinned = options.IsPinned, KillAfter = options.KillAfter,
                    Environment = environment,
                },
                run, clock));
        StartWorkers(options, report, run, launchSpawner, clock);
        if (options.OnComplete is { } hook)
        {
            HookProcess Start() => new(hook, hookSpawner);
            run.UseHook(hook == "-" ? new StandardHook(streams.Answers, streams.Results, run, () => run.Close(TimeSpan.Zero, isInterruption: true))
                : options.IsHookPerResult ? new ResultHook(Start, run)
                : new StreamHook(Start, run));
        }

        run.Load(file, options.TasksFile ?? "");
        var result = await run.RunAsync(stop, now).ConfigureAwait(false);
        try
        {
            result.Write(Path.Combine(options.Workdir!, "summary.json"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The campaign is what it is; its last line and its exit status tell.
            report.Warn($"summary.json cannot be written: {fault.Message}");
        }

        return result;
    }
}
