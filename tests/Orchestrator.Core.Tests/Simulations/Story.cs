using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>
/// Tells the life of one simulation step by step, playing its cluster and its agents. What it owes to log, index and history is done at once; after every step the state
/// is checked for what must always hold.
/// </summary>
internal sealed class Story
{
    public static readonly DateTimeOffset Beginning = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, long> sequences = [];
    private readonly List<OrchestratorEvent> events = [];
    private readonly List<HistoryDraft> history = [];

    public Story(params StageDefinition[] stages)
        : this(Make.Simulation(stages))
    {
    }

    public Story(SimulationDefinition definition)
    {
        Definition = definition;
        Take(new SimulationInput.Submit(definition, 0));
    }

    public SimulationDefinition Definition { get; }

    public SimulationState State { get; private set; } = new();

    public DateTimeOffset Now { get; private set; } = Beginning;

    public SimulationPolicy Policy { get; private set; } = new();

    public IReadOnlyList<OrchestratorEvent> Events => events;

    public IReadOnlyList<HistoryDraft> History => history;

    public List<CheckpointRecord> Deleted { get; } = [];

    public List<AttemptId> Released { get; } = [];

    public List<RunClearing> Cleared { get; } = [];

    /// <summary>Whether the cluster says of an attempt that is over that nothing of it runs.</summary>
    public Func<AttemptId, bool> IsGone { get; set; } = static _ => true;

    /// <summary>What the nodes answer when they are asked whether silence says anything.</summary>
    public string? Doubt { get; set; }

    /// <summary>Whether they answer at all.</summary>
    public bool Answers { get; set; } = true;

    public StageState this[string stage] => State.Stages[State.IndexOf(stage)];

    public AttemptId Attempt(string stage) => new(Definition.Id, stage, this[stage].Epoch);

    /// <summary>Steps, checks, and does what is owed to storage.</summary>
    public SimulationState Take(SimulationInput input)
    {
        var before = State;
        State = SimulationMachine.Step(before, input, Now, Policy);
        Laws.Check(before, State, input);
        Keep();
        return State;
    }

    public Story After(TimeSpan time)
    {
        Now += time;
        Take(new SimulationInput.Tick());
        return this;
    }

    /// <summary>No silo is up for so long; then another activation begins to watch, and does what is due at once.</summary>
    public Story Outage(TimeSpan time)
    {
        Now += time;
        Policy = Policy with { WatchedSince = Now };
        Take(new SimulationInput.Nudged());
        return After(TimeSpan.Zero);
    }

    /// <summary>Moves to the moment at which the machine asks to be woken.</summary>
    public Story WhenDue()
    {
        var due = SimulationMachine.Due(State, Policy).ShouldNotBeNull();
        return After(due > Now ? due - Now : TimeSpan.Zero);
    }

    public IReadOnlyList<SimulationEffect> Owed => SimulationMachine.Owed(State);

    /// <summary>How long it is until the stage is tried again.</summary>
    public TimeSpan Wait(string stage) => this[stage].BackoffUntil.ShouldNotBeNull() - Now;

    public LeaseRequest Request(string stage) => Owed.OfType<SimulationEffect.RequestLease>().Single(owed => owed.Request.Attempt.Stage == stage).Request;

    public LeaseOrder? Order(string stage) => Owed.OfType<SimulationEffect.OrderLease>().SingleOrDefault(owed => owed.Order.Attempt.Stage == stage)?.Order;

    /// <summary>The cluster gives nodes to the stage, one core each.</summary>
    public Story Grant(string stage, params string[] nodes)
    {
        Take(new SimulationInput.LeaseSeen(new() { Attempt = Attempt(stage), State = LeaseState.Granted, Since = Now, Shares = Make.Shares(nodes.Length == 0 ? ["n-1"] : nodes) }));
        return this;
    }

    public Story Lose(string stage, string node = "n-1", bool seenDead = true, TimeSpan? noticedAfter = null)
    {
        Take(new SimulationInput.LeaseSeen(new()
        {
            Attempt = Attempt(stage),
            State = LeaseState.Lost,
            Since = Now,
            LostNode = new NodeId(node),
            SeenDead = seenDead,
            LastSeen = noticedAfter is { } time ? Now - time : null,
        }));
        return this;
    }

    /// <summary>The cluster took the order that is owed.</summary>
    public Story SendOrder(string stage)
    {
        var order = Order(stage).ShouldNotBeNull();
        Take(new SimulationInput.OrderSent(order, new() { Attempt = order.Attempt, State = LeaseState.Granted, Since = Now, Shares = this[stage].Live!.Shares }));
        return this;
    }

    public ReportReply Report(string stage, AttemptReport report)
    {
        var attempt = report.Attempt.Simulation.Value is null ? Attempt(stage) : report.Attempt;
        var key = attempt.ToString();
        var sequence = report.Sequence > 0 ? report.Sequence : sequences.GetValueOrDefault(key) + 1;
        sequences[key] = Math.Max(sequence, sequences.GetValueOrDefault(key));
        var node = report.Node.Value is null ? this[stage].Live is { IsGranted: true } live ? live.Shares[0].Node : new NodeId("n-1") : report.Node;
        return Say(report with { Attempt = attempt, Sequence = sequence, Node = node, At = Now });
    }

    /// <summary>A report exactly as it is.</summary>
    public ReportReply Say(AttemptReport report)
    {
        var verdict = SimulationMachine.Judge(State, report);
        Take(new SimulationInput.Reported(report));
        return SimulationMachine.Answer(State, report, verdict);
    }

    public Story Start(string stage, string? restored = null, params string[] damaged)
    {
        Report(stage, new AttemptReport.Started { Restored = restored, Damaged = [.. damaged], ProcessId = 7 });
        return this;
    }

    /// <summary>It gets its node and starts as it is told to.</summary>
    public Story Run(string stage, params string[] nodes)
    {
        Grant(stage, nodes);
        return Start(stage, this[stage].Live!.Restore.FirstOrDefault());
    }

    public Story Progress(string stage, double progress, long? step = null)
    {
        Report(stage, new AttemptReport.Progressed { Progress = progress, Step = step });
        return this;
    }

    /// <summary>Commits a checkpoint; returns its name.</summary>
    public string Checkpoint(string stage, long step, double progress = -1, TimeSpan? cost = null)
    {
        var name = $"e{this[stage].Epoch}/step-{step:D8}";
        Report(stage, new AttemptReport.Checkpointed { Checkpoint = new() { Name = name, Path = $"runs/x/{name}", Step = step, Progress = progress, TakenAt = Now, Cost = cost ?? TimeSpan.FromSeconds(1) } });
        return name;
    }

    public ReportReply Exit(string stage, int? status = 0, StopReason asked = StopReason.Absent, double progress = -1, int? signal = null, params string[] missing) => Report(stage, new AttemptReport.Exited
    {
        ExitStatus = signal is null ? status : null,
        Signal = signal,
        AskedToLeave = asked != StopReason.Absent,
        Asked = asked,
        Progress = progress,
        MissingOutputs = [.. missing],
        Use = new() { WallTime = TimeSpan.FromMinutes(1), CoreTime = TimeSpan.FromMinutes(2) },
    });

    public Story Publish(string stage, params string[] outputs)
    {
        Report(stage, new AttemptReport.Published { Outputs = [.. outputs.Select(static path => new Artifact { Path = path })] });
        return this;
    }

    /// <summary>From the queue to the end, without a fault.</summary>
    public Story Complete(string stage)
    {
        Run(stage);
        Exit(stage).Instruction.ShouldBe(ReportInstruction.Publish);
        return Publish(stage);
    }

    private void Keep()
    {
        bool more;
        do
        {
            more = false;
            foreach (var effect in SimulationMachine.Owed(State))
            {
                SimulationInput? done = effect switch
                {
                    SimulationEffect.AppendEvents append => Logged(append),
                    SimulationEffect.WriteIndex write => new SimulationInput.Indexed(write.State.Version),
                    SimulationEffect.KeepHistory keep => Kept(keep),
                    SimulationEffect.ReleaseLease release => Gone(release),
                    SimulationEffect.DeleteCheckpoint delete => Removed(delete),
                    SimulationEffect.ClearRun clear => Clear(clear.Clearing),
                    SimulationEffect.SeeNodes see when Answers => new SimulationInput.NodesSeen(see.Attempt, Doubt),
                    SimulationEffect.RemoveReminder => new SimulationInput.ReminderRemoved(),
                    _ => null,
                };
                if (done is not null)
                {
                    more = true;
                    State = SimulationMachine.Step(State, done, Now, Policy);
                }
            }
        }
        while (more);
    }

    private SimulationInput.EventsLogged Logged(SimulationEffect.AppendEvents append)
    {
        events.AddRange(append.Events);
        return new(append.Events[^1].Sequence);
    }

    private SimulationInput.HistoryKept Kept(SimulationEffect.KeepHistory keep)
    {
        history.AddRange(keep.Rows);
        return new(keep.Rows[^1].Sequence);
    }

    private SimulationInput.Released Gone(SimulationEffect.ReleaseLease release)
    {
        Released.Add(release.Attempt);
        return release.Done;
    }

    private SimulationInput.RunCleared Clear(RunClearing clearing)
    {
        var isGone = IsGone(clearing.Attempt);
        if (isGone)
        {
            Cleared.Add(clearing);
        }

        return new(clearing, isGone);
    }

    private SimulationInput.FilesDeleted Removed(SimulationEffect.DeleteCheckpoint delete)
    {
        Deleted.Add(delete.Checkpoint);
        return new(delete.Checkpoint.Attempt, delete.Checkpoint.Name);
    }
}

/// <summary>Small definitions.</summary>
internal static class Make
{
    public static SimulationDefinition Simulation(params StageDefinition[] stages) => new()
    {
        Id = new SimulationId("s-1"),
        Campaign = "co2",
        Name = "control 1",
        Owner = new() { Institution = "climate", Project = "attribution", User = "ana", Account = new AccountId("p-climate") },
        Cluster = new ClusterId("k-main"),
        Stages = [.. stages],
    };

    public static StageDefinition Stage(string name, params Dependency[] after) => new()
    {
        Name = name,
        Run = $"run {name}",
        After = [.. after],
        Grace = TimeSpan.FromSeconds(30),
        Checkpoint = new() { Every = CheckpointTrigger.Program },
    };

    public static Dependency On(string stage, DependencyCondition condition = DependencyCondition.Success, double progress = 0) =>
        new() { Stage = stage, Condition = condition, Progress = progress };

    public static System.Collections.Immutable.ImmutableArray<NodeShare> Shares(params string[] nodes) =>
        [.. nodes.Select(static node => new NodeShare { Node = new NodeId(node), Cores = [0, 1] })];
}
