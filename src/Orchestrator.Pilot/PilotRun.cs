using Orchestrator.Core.TaskSets;
using Orchestrator.Pilot.Files;
using Orchestrator.Pilot.Hooks;
using Orchestrator.Pilot.Journal;
using Orchestrator.Pilot.Nodes;

namespace Orchestrator.Pilot;

/// <summary>
/// One campaign in one process. Everything that changes the rules happens under one gate: ends as they come, answers of the hook, the clock. What is told to
/// anybody (lines, the hook, the last count) comes from the thread that writes the journal, after the write.
/// </summary>
internal sealed partial class PilotRun : INodeEvents, IHookOwner, IDisposable
{
    /// <summary>Leases of one turn, so that others get the gate too.</summary>
    private const int LeasesPerTurn = 1024;

    /// <summary>So long an end by a signal may turn out to be one of the whole job.</summary>
    private static readonly TimeSpan HeldFor = TimeSpan.FromSeconds(1);

    private readonly PilotOptions options;
    private readonly PilotReport report;
    private readonly TimeProvider clock;
    private readonly PilotTasks tasks = new();
    private readonly PilotJournal? journal;
    private readonly GroupCommit commits;
    private readonly List<ITaskNode> nodes = [];
    private readonly List<TaskLease> leased = [];
    private readonly HashSet<int> skippedBefore = [];
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<ITimer> timers = [];
    private readonly Queue<(TaskEnd End, long At)> held = new();
    private readonly ITimer holding;
    private IHook? hook;
    private long startedAt;
    private bool isStarted;
    private bool isPumping;
    private string? fault;
    private bool isInterrupted;

    /// <summary>Results that the hook has not answered.</summary>
    private int unanswered;

    // Of what is on the disk.
    private int completed, failed, skipped, endedNow;
    private TimeSpan taskTime;

    public PilotRun(PilotOptions options, PilotReport report, PilotJournal? journal, TimeProvider clock)
    {
        this.options = options;
        this.report = report;
        this.journal = journal;
        this.clock = clock;
        commits = new(journal, clock, OnCommitted, OnJournalFault) { Drained = OnDrained };
        holding = clock.CreateTimer(_ => TakeHeld(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timers.Add(holding);
        RunId = journal?.Get("run") ?? System.Security.Cryptography.RandomNumberGenerator.GetHexString(16, lowercase: true);
        journal?.Set("run", RunId);
        tasks.Set.LeasesMax = options.WorkersMax ?? int.MaxValue;
    }

    public object Gate { get; } = new();

    public string RunId { get; }

    public PilotTasks Tasks => tasks;

    public int Nodes => nodes.Count;

    public Action WaitForRoom => commits.WaitForRoom;

    public void AddNode(ITaskNode node)
    {
        lock (Gate)
        {
            nodes.Add(node);
            tasks.Set.AddNode(node.Capacity, node.PrefetchCores);
        }
    }

    public void UseHook(IHook given) => hook = given;

    /// <summary>Takes what is stored, and adds what is given: all of it, or nothing.</summary>
    /// <exception cref="PilotException">The tasks cannot be run; every reason is a line.</exception>
    public void Load(byte[]? file, string name)
    {
        IReadOnlyList<TaskEnd> anew = [];
        var final = journal is null ? [] : tasks.Restore(journal, options.RetryFailed, out anew);
        var stored = tasks.Count;
        IReadOnlyList<Submission> rows = [];
        var given = new HashSet<string>(StringComparer.Ordinal);
        if (file is not null)
        {
            var reading = TaskFile.Read(file, id => tasks.Find(id) >= 0, Refusal);
            foreach (var warning in reading.Warnings)
            {
                report.Warn($"{name}:{warning.Line}:{warning.Column} {warning.Path}: {warning.Message}; known: {warning.Allowed}");
            }

            var problems = reading.Problems.Select(problem => $"{name}:{problem}").ToList();
            given.UnionWith(reading.Tasks.Select(static task => task.Id));
            rows = tasks.Add(reading.Tasks, out var conflicts);
            problems.AddRange(conflicts.Select(id => $"{name}: {id} is in {options.Database} already, with another definition"));
            if (problems.Count > 0)
            {
                throw new PilotException([.. problems, problems.Count == 1 ? "1 mistake; nothing is started." : $"{problems.Count} mistakes; nothing is started."]);
            }
        }

        // Nothing starts before the run does; from here on the set says what is to be skipped, whatever was skipped before.
        tasks.Set.Admit();
        var open = Enumerable.Range(0, stored).Where(task => tasks.Set.PhaseOf(task) is not (TaskPhase.Completed or TaskPhase.Failed or TaskPhase.Skipped)).ToList();
        if (!options.Resume && open.Find(task => !given.Contains(tasks.IdOf(task))) is var foreign && open.Exists(task => !given.Contains(tasks.IdOf(task))))
        {
            throw new PilotException($"{options.Database} holds {open.Count} tasks that have not ended, as {tasks.IdOf(foreign)}: give --resume to run them too, or another --db.");
        }

        var tooLarge = open.Where(task => Refusal(tasks.Set.ShapeOf(task).Demand) is not null).ToList();
        if (tooLarge.Count > 0)
        {
            throw new PilotException([.. tooLarge.Take(100).Select(task => $"{tasks.IdOf(task)}: needs more than any node has; allowed: {Refusal(tasks.Set.ShapeOf(task).Demand)}")]);
        }

        foreach (var (task, end) in final.Where(pair => pair.Value.Outcome != TaskOutcome.Skipped || tasks.Set.PhaseOf(pair.Key) == TaskPhase.Skipped))
        {
            completed += end.Outcome == TaskOutcome.Completed ? 1 : 0;
            failed += end.Outcome == TaskOutcome.Completed ? 0 : 1;
            if (end.Outcome == TaskOutcome.Skipped)
            {
                skipped++;
                skippedBefore.Add(task);
            }
        }

        if (rows.Count + anew.Count > 0 && journal is not null)
        {
            // Stored before the first of them starts.
            var batch = new JournalBatch();
            batch.Submissions.AddRange(rows);
            batch.Ends.AddRange(anew);
            journal.Write(batch);
        }

        report.Expect(tasks.Count);
        var before = completed + failed;
        report.Say($"{tasks.Count} tasks{(before > 0 ? $", {before} of them ended before" : "")}; {Describe()}");
        SendUnanswered(final);
    }

    /// <summary>Runs until everything has ended, or the time is over, or somebody ends it.</summary>
    /// <param name="stop">Starts nothing more; what runs may end.</param>
    /// <param name="now">Ends what runs, too.</param>
    public async Task<PilotResult> RunAsync(CancellationToken stop, CancellationToken now)
    {
        startedAt = clock.GetTimestamp();
        using var first = stop.Register(() => Close(options.StopAfter, isInterruption: true));
        using var second = now.Register(() => Close(TimeSpan.Zero, isInterruption: true));
        timers.Add(clock.CreateTimer(_ => ReportProgress(), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)));
        lock (Gate)
        {
            if (options.EndsAt is { } end)
            {
                tasks.Set.EndsAt = end;
                var left = end - clock.GetUtcNow();

                // What nobody could foresee is asked to leave while there is time for it.
                var reserve = options.KillAfter + TimeSpan.FromSeconds(2);
                timers.Add(clock.CreateTimer(_ => Close(TimeSpan.Zero, isInterruption: false), null, left > reserve ? left - reserve : TimeSpan.Zero, Timeout.InfiniteTimeSpan));
            }

            tasks.Set.Admit();
            AddSkipped();
            isStarted = true;
            Pump();
        }

        await done.Task.ConfigureAwait(false);
        lock (Gate)
        {
            return new()
            {
                Completed = completed, Failed = failed, Skipped = skipped, Left = tasks.Count - completed - failed, EndedNow = endedNow,
                Wall = clock.GetElapsedTime(startedAt), TaskTime = taskTime, IsInterrupted = isInterrupted, Fault = fault,
            };
        }
    }

    public void Dispose()
    {
        foreach (var timer in timers)
        {
            timer.Dispose();
        }

        hook?.Dispose();
        foreach (var node in nodes)
        {
            node.Dispose();
        }

        commits.Dispose();
        report.Flush();
    }

    public void Warn(string text) => report.Warn(text);

    /// <summary>What a task of this size would need; null: some node has it.</summary>
    private string? Refusal(TaskDemand demand)
    {
        if (tasks.Set.FitsSomewhere(demand))
        {
            return null;
        }

        var largest = nodes.Select(static node => node.Capacity).ToList();
        return $"at most {largest.Max(static node => node.Cores)} cores, {largest.Max(static node => node.Gpus)} GPUs and {largest.Max(static node => node.Memory) >> 20} MiB of memory on one node";
    }

    private string Describe()
    {
        var cores = nodes.Sum(static node => node.Capacity.Cores);
        return nodes.Count == 1 ? $"{cores} cores" : $"{cores} cores on {nodes.Count} nodes";
    }
}
