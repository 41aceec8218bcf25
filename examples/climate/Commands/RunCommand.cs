using System.Globalization;
using Climate.Model;
using Climate.Output;
using Climate.Protocol;

namespace Climate.Commands;

/// <summary>Runs the model to its last step, or leaves with a checkpoint when asked to. Each ends with an exit code of <see cref="ExitCode"/>.</summary>
internal sealed class RunCommand : IDisposable
{
    private static readonly TimeSpan ControlInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>Spare time before the end of the allocation, beyond three times what the last checkpoint took.</summary>
    private static readonly TimeSpan EndMargin = TimeSpan.FromSeconds(2);

    private readonly RunOptions options;
    private readonly RunEnvironment environment;
    private readonly TimeProvider clock;
    private readonly LeaveRequest leave;
    private readonly ProgressFile progress;
    private readonly ControlFile control;
    private readonly RunIdentity identity;
    private readonly CoupledModel model;
    private readonly HistoryFile history;
    private readonly string runDirectory, checkpointDirectory;
    private readonly long startStep;

    private DateTimeOffset? stopBy;
    private TimeSpan checkpointCost = TimeSpan.FromMilliseconds(200);
    private long lastCheckpoint = -1;

    /// <exception cref="UsageException">The options contradict each other or the restart.</exception>
    /// <exception cref="InvalidDataException">The restart, the initial state or the history is damaged.</exception>
    public RunCommand(RunOptions options, RunEnvironment environment, TimeProvider clock, LeaveRequest leave)
    {
        this.options = options;
        this.environment = environment;
        this.clock = clock;
        this.leave = leave;
        progress = new ProgressFile(environment.ProgressFile);
        control = new ControlFile(environment.ControlFile);
        stopBy = environment.EndTime;
        runDirectory = Path.GetFullPath(options.Output ?? environment.RunDirectory ?? ".");
        checkpointDirectory = environment.CheckpointDirectory ?? Path.Combine(runDirectory, "checkpoints");

        var restorePath = options.Resume ?? environment.RestoreDirectory;
        var restore = restorePath is null ? null : Restore("--resume", restorePath);
        var initial = restore is null && options.Initial is not null ? Restore("--initial", options.Initial) : null;
        identity = restore is null ? New(options, initial) : Same(options, restore.Identity);
        if (restore is not null && restore.State.Step > options.Steps)
        {
            throw new UsageException($"the restart is of step {restore.State.Step}, beyond --steps {options.Steps}");
        }

        Directory.CreateDirectory(runDirectory);
        var grid = new Grid(identity.Columns, identity.Rows);
        var historyPath = Path.Combine(runDirectory, HistoryFile.Name);
        model = new CoupledModel(
            grid, identity.Seed, identity.Member, new CarbonPath(identity.Forcing, identity.RampYears), options.Threads ?? environment.Threads);
        if (restore is not null)
        {
            model.StartFrom(restore.State, restore.State.Step);
            var copy = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(RestartFile.Locate(restorePath!)))!, HistoryFile.Name);
            history = HistoryFile.Resume(historyPath, copy, grid, identity, identity.RecordsAt(restore.State.Step), restore.HistoryDigest);
            lastCheckpoint = restore.State.Step;
        }
        else
        {
            if (initial is null)
            {
                model.StartFromBalance();
            }
            else
            {
                model.StartFrom(initial.State, 0);
            }

            history = HistoryFile.Create(historyPath, grid, identity);
            history.Append(model);
        }

        startStep = model.State.Step;
    }

    private double Done => model.State.Step / (double)options.Steps;

    /// <summary>Runs, and returns the exit code.</summary>
    public int Run()
    {
        var began = clock.GetTimestamp();
        long lastLook = began, lastReport = began;
        var ownLimit = Math.Min(options.UntilStep ?? options.Steps, options.Steps);
        Say($"climate: {identity.Columns}x{identity.Rows}, seed {identity.Seed}, member {identity.Member}, CO2 x {Text(identity.Forcing)}, step {startStep} of {options.Steps}");
        Report();
        while (model.State.Step < ownLimit)
        {
            model.Advance();
            if (model.State.Step % identity.HistoryEvery == 0)
            {
                history.Append(model);
            }

            if (options.CheckpointEvery > 0 && model.State.Step % options.CheckpointEvery == 0 && model.State.Step < options.Steps)
            {
                Checkpoint();
            }

            if (clock.GetElapsedTime(lastReport) >= ReportInterval)
            {
                lastReport = clock.GetTimestamp();
                Report();
            }

            if (model.State.Step < ownLimit)
            {
                Pace(began);
                if (leave.Asked || clock.GetElapsedTime(lastLook) >= ControlInterval)
                {
                    lastLook = clock.GetTimestamp();
                    if (LookForOrders())
                    {
                        return Leave("asked to leave");
                    }
                }
            }
        }

        return model.State.Step < options.Steps ? Leave("--until-step is reached") : Finish(clock.GetElapsedTime(began));
    }

    public void Dispose()
    {
        history.Dispose();
        model.Dispose();
    }

    private static RestartFile Restore(string option, string path)
    {
        var file = RestartFile.Locate(path);
        return File.Exists(file) ? RestartFile.Read(file) : throw new UsageException($"{option} is '{path}', which holds no {RestartFile.Name}");
    }

    private static RunIdentity New(RunOptions options, RestartFile? initial)
    {
        var size = options.Grid ?? (initial is null ? (96, 48) : (initial.Identity.Columns, initial.Identity.Rows));
        if (initial is not null && size != (initial.Identity.Columns, initial.Identity.Rows))
        {
            throw new UsageException($"--grid is {size.Item1}x{size.Item2}, but the initial state is {initial.Identity.Columns}x{initial.Identity.Rows}");
        }

        return new RunIdentity
        {
            Columns = size.Item1,
            Rows = size.Item2,
            Seed = options.Seed ?? 1,
            Member = options.Member ?? 0,
            Forcing = options.Forcing ?? 1,
            RampYears = options.RampYears ?? 0,
            HistoryEvery = options.HistoryEvery ?? 100,
            Initial = initial?.Hash ?? "",
        };
    }

    /// <summary>A resumed run is the run that it was: an option that says otherwise is a mistake, not a wish.</summary>
    private static RunIdentity Same(RunOptions options, RunIdentity stored)
    {
        void Check<T>(string option, T? asked, T has) where T : struct, IEquatable<T>
        {
            if (asked is { } value && !value.Equals(has))
            {
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is {value}, but the restart was written by a run with {has}; leave the option out or resume another restart"));
            }
        }

        Check("--grid", options.Grid, (stored.Columns, stored.Rows));
        Check("--seed", options.Seed, stored.Seed);
        Check("--member", options.Member, stored.Member);
        Check("--forcing", options.Forcing, stored.Forcing);
        Check("--ramp", options.RampYears, stored.RampYears);
        Check("--history-every", options.HistoryEvery, stored.HistoryEvery);
        return stored;
    }

    /// <summary>Does what is asked for; true if it is time to leave.</summary>
    private bool LookForOrders()
    {
        var orders = control.Look();
        if (orders.StopBy is { } by)
        {
            Say(by > clock.GetUtcNow() ? $"asked to stop by {by:O}" : "asked to stop");
            return true;
        }

        if (orders.Checkpoint || leave.TakeCheckpoint())
        {
            Checkpoint();
        }

        return leave.Asked || (stopBy is { } end && clock.GetUtcNow() + 3 * checkpointCost + EndMargin >= end);
    }

    private void Pace(long began)
    {
        if (options.Pace > 0)
        {
            var due = TimeSpan.FromMilliseconds(options.Pace * (model.State.Step - startStep));
            var wait = due - clock.GetElapsedTime(began);
            if (wait >= TimeSpan.FromMilliseconds(1))
            {
                leave.Wait(wait);
            }
        }
    }

    private void Checkpoint()
    {
        if (lastCheckpoint == model.State.Step)
        {
            return;
        }

        var began = clock.GetTimestamp();
        var name = string.Create(CultureInfo.InvariantCulture, $"step-{model.State.Step:D8}");
        Directory.CreateDirectory(checkpointDirectory);
        DirectoryPublisher.Publish(Path.Combine(checkpointDirectory, name), WriteState);
        lastCheckpoint = model.State.Step;
        checkpointCost = clock.GetElapsedTime(began);
        progress.Checkpoint(name, model.State.Step, Done);
    }

    private void WriteState(string directory)
    {
        new RestartFile { Identity = identity, State = model.State, HistoryDigest = history.Digest() }.Write(Path.Combine(directory, RestartFile.Name));
        history.CopyTo(Path.Combine(directory, HistoryFile.Name));
    }

    private int Leave(string why)
    {
        Checkpoint();
        Report();
        Say($"climate: {why}; left at step {model.State.Step} of {options.Steps} with a checkpoint");
        return ExitCode.Left;
    }

    private int Finish(TimeSpan elapsed)
    {
        history.Flush();
        DirectoryPublisher.Publish(
            Path.Combine(runDirectory, "restart"),
            directory => new RestartFile { Identity = identity, State = model.State, HistoryDigest = history.Digest() }.Write(Path.Combine(directory, RestartFile.Name)));
        using (var reader = new NetCdfReader(Path.Combine(runDirectory, HistoryFile.Name)))
        {
            Diagnostics.Of(reader).WriteTo(Path.Combine(runDirectory, "summary.json"));
        }

        progress.Artifact(HistoryFile.Name, 1);
        progress.Artifact("summary.json", 1);
        Report();
        var steps = model.State.Step - startStep;
        Say($"climate: finished step {model.State.Step}, tas {Text(model.Means.Air)} K, sst {Text(model.Means.Slab)} K, {steps} steps in {Text(elapsed.TotalSeconds)} s");
        return ExitCode.Done;
    }

    private void Report() =>
        progress.Report(Done, model.State.Step, [("tas", model.Means.Air), ("sst", model.Means.Slab), ("co2", model.CarbonMultiple)]);

    private void Say(string line)
    {
        if (!options.Quiet)
        {
            Console.Out.WriteLine(line);
        }
    }

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
