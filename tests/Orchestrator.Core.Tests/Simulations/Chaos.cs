using System.Text.Json;
using Orchestrator.Core.Checkpoints;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>
/// One simulation among a cluster, agents and a network that fail, all driven by one seed: effects are not done, done twice, or done with the answer lost; the grain
/// crashes between store and act and forgets what it had only noted; nodes are lost, seen dead or not; reports come late, twice and out of order; programs crash, leave,
/// stall and write damaged checkpoints; people cancel, pause and resume.
/// </summary>
internal sealed class Chaos
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Random dice;
    private SimulationPolicy policy = new();
    private readonly Dictionary<AttemptId, LeaseStatus> leases = [];
    private readonly Dictionary<AttemptId, LeaseOrder> orders = [];
    private readonly HashSet<AttemptId> released = [];
    private readonly List<Agent> agents = [];
    private readonly SortedDictionary<long, OrchestratorEvent> log = [];
    private readonly SortedSet<string> files = new(StringComparer.Ordinal);
    private SimulationState state = new();
    private SimulationState durable = new();
    private DateTimeOffset now = Story.Beginning;

    public Chaos(int seed)
    {
        dice = new Random(seed);
        Definition = RandomDefinition();
    }

    public SimulationDefinition Definition { get; }

    public SimulationState State => state;

    public IReadOnlyCollection<OrchestratorEvent> Log => log.Values;

    /// <summary>How many completions were accepted, by stage.</summary>
    public Dictionary<string, int> Completions { get; } = [];

    public int Crashes { get; private set; }

    /// <summary>Trouble for a while, then peace: it must come to its end.</summary>
    public void Run()
    {
        Take(new SimulationInput.Submit(Definition, 0));
        for (var step = 0; step < 400 && !state.IsFinal; step++)
        {
            Trouble();
        }

        for (var step = 0; !(state.IsFinal && SimulationMachine.Owed(state).Count == 0); step++)
        {
            step.ShouldBeLessThan(4000, $"it does not end: {state.Status}, {string.Join(", ", state.Stages.Select(static stage => $"{stage.Name} {stage.Status}@{stage.Epoch} {stage.Reason}"))}");
            Peace();
        }
    }

    public void CheckTheEnd()
    {
        state.Reason.ShouldNotBeNullOrEmpty();
        log.Keys.ShouldBe(Enumerable.Range(1, (int)state.EventSequence).Select(static number => (long)number), "every event is in the log, once (invariant 9)");
        leases.Keys.Where(attempt => !released.Contains(attempt)).ShouldBeEmpty("every lease is given back");
        Completions.Values.ShouldAllBe(static count => count == 1, "each stage completes once");
        foreach (var stage in state.Stages.Where(static stage => stage.Status == StageStatus.Completed))
        {
            Completions.ShouldContainKey(stage.Name);
        }
    }

    private void Trouble()
    {
        switch (dice.Next(100))
        {
            case < 30:
                DoSomethingOwed(faults: true);
                break;
            case < 62:
                Somebody(static (chaos, agent) => agent.Act(chaos.dice, chaos.now));
                break;
            case < 82:
                Somebody(static (chaos, agent) => chaos.Deliver(agent, faults: true));
                break;
            case < 88:
                PassTime();
                break;
            case < 92:
                LoseNode();
                break;
            case < 94:
                SeeDead();
                break;
            case < 96:
                Crash();
                break;
            case < 97:
                Take(new SimulationInput.Nudged());
                break;
            default:
                GiveOrder();
                break;
        }
    }

    private void Peace()
    {
        if (state.Status is SimulationStatus.Paused or SimulationStatus.Pausing)
        {
            Take(new SimulationInput.Resume(null));
        }

        SeeDead();
        while (DoSomethingOwed(faults: false))
        {
        }

        foreach (var agent in agents.ToArray())
        {
            agent.Calm(now);
            while (Deliver(agent, faults: false))
            {
            }
        }

        PassTime();
    }

    private void Take(SimulationInput input)
    {
        if (!SimulationMachine.Allows(state, input))
        {
            Should.Throw<InvalidTransitionException>(() => SimulationMachine.Step(state, input, now, policy));
            return;
        }

        var before = state;
        state = SimulationMachine.Step(before, input, now, policy);
        Laws.Check(before, state, input);
        if (SimulationMachine.Due(state, policy) is { } due && input is SimulationInput.Tick)
        {
            due.ShouldBeGreaterThan(now, "a tick does all that is due");
        }

        if (state.Version != before.Version)
        {
            durable = state;
        }

        for (var i = 0; i < before.Stages.Length; i++)
        {
            if (before.Stages[i].Status != StageStatus.Completed && state.Stages[i].Status == StageStatus.Completed)
            {
                Completions[state.Stages[i].Name] = Completions.GetValueOrDefault(state.Stages[i].Name) + 1;
            }
        }
    }

    /// <summary>What was stored is read again; what was only noted is gone.</summary>
    private void Crash()
    {
        Crashes++;
        state = JsonSerializer.Deserialize<SimulationState>(JsonSerializer.Serialize(durable, Json), Json)!;
        SimulationMachine.SanityCheck(state).ShouldBeEmpty();
        durable = state;
        policy = policy with { WatchedSince = now };
        Take(new SimulationInput.Nudged());
    }

    /// <summary>As the pump does: the first that is owed of some lane.</summary>
    private bool DoSomethingOwed(bool faults)
    {
        var owed = SimulationMachine.Owed(state).GroupBy(static effect => effect.Lane).Select(static lane => lane.First()).ToArray();
        if (owed.Length == 0)
        {
            return false;
        }

        var effect = owed[dice.Next(owed.Length)];
        var fate = faults ? dice.Next(10) : 9;
        if (fate == 0)
        {
            return true;
        }

        var done = Perform(effect);
        if (fate == 1)
        {
            // It was done, and nobody heard.
            return true;
        }

        Take(done);
        if (fate == 2)
        {
            Take(Perform(effect));
        }

        return true;
    }

    private SimulationInput Perform(SimulationEffect effect)
    {
        switch (effect)
        {
            case SimulationEffect.AppendEvents append:
                foreach (var entry in append.Events)
                {
                    log.TryAdd(entry.Sequence, entry);
                    log[entry.Sequence].Kind.ShouldBe(entry.Kind, "an event of a number is always the same one");
                }

                return new SimulationInput.EventsLogged(append.Events[^1].Sequence);
            case SimulationEffect.WriteIndex write:
                return new SimulationInput.Indexed(write.State.Version);
            case SimulationEffect.KeepHistory keep:
                return new SimulationInput.HistoryKept(keep.Rows[^1].Sequence);
            case SimulationEffect.DeleteCheckpoint delete:
                files.Remove(delete.Checkpoint.Name);
                return new SimulationInput.FilesDeleted(delete.Checkpoint.Attempt, delete.Checkpoint.Name);
            case SimulationEffect.ClearRun clear:
                var isGone = Standing(clear.Clearing.Attempt).IsGone;
                (isGone && leases.TryGetValue(clear.Clearing.Attempt, out var held) && held.State == LeaseState.Granted && !released.Contains(clear.Clearing.Attempt)).ShouldBeFalse("nothing is removed of what holds nodes");
                return new SimulationInput.RunCleared(clear.Clearing, isGone);
            case SimulationEffect.ReleaseLease release:
                released.Add(release.Attempt);
                foreach (var agent in agents.Where(agent => agent.Attempt == release.Attempt))
                {
                    agent.Killed = true;
                }

                return release.Done;
            case SimulationEffect.RequestLease request:
                return new SimulationInput.LeaseRequested(Place(request.Request));
            case SimulationEffect.OrderLease order:
                orders[order.Order.Attempt] = order.Order;
                return new SimulationInput.OrderSent(order.Order, Standing(order.Order.Attempt));
            case SimulationEffect.ReadLease read:
                return new SimulationInput.LeaseSeen(Standing(read.Attempt));
            case SimulationEffect.SeeNodes see:
                return new SimulationInput.NodesSeen(see.Attempt, dice.Next(4) == 0 ? "a node is not in sight" : null);
            default:
                return new SimulationInput.ReminderRemoved();
        }
    }

    private LeaseStatus Place(LeaseRequest request)
    {
        if (!leases.ContainsKey(request.Attempt) && !released.Contains(request.Attempt))
        {
            leases[request.Attempt] = new() { Attempt = request.Attempt, State = LeaseState.Queued, Since = now };
        }

        if (leases.TryGetValue(request.Attempt, out var lease) && lease.State == LeaseState.Queued && dice.Next(2) == 0)
        {
            Grant(lease);
        }

        return Standing(request.Attempt);
    }

    private LeaseStatus Standing(AttemptId attempt)
    {
        if (released.Contains(attempt) || !leases.TryGetValue(attempt, out var lease))
        {
            return new() { Attempt = attempt, State = LeaseState.Unknown };
        }

        if (lease.State == LeaseState.Queued && dice.Next(2) == 0)
        {
            Grant(lease);
        }

        return leases[attempt];
    }

    private void Grant(LeaseStatus lease)
    {
        var node = $"n-{dice.Next(1, 6)}";
        leases[lease.Attempt] = lease with { State = LeaseState.Granted, Since = now, Shares = Make.Shares(node) };
        agents.Add(new(this, lease.Attempt, new NodeId(node)));
    }

    private void LoseNode()
    {
        var live = leases.Values.Where(lease => lease.State == LeaseState.Granted && !released.Contains(lease.Attempt)).ToArray();
        if (live.Length == 0)
        {
            return;
        }

        var lease = live[dice.Next(live.Length)];
        var dead = dice.Next(2) == 0;
        leases[lease.Attempt] = lease with { State = LeaseState.Lost, Since = now, LostNode = lease.Shares[0].Node, SeenDead = dead, LastSeen = now - TimeSpan.FromSeconds(dice.Next(30)) };
        foreach (var agent in agents.Where(agent => agent.Attempt == lease.Attempt))
        {
            // One that was only out of sight goes on, and comes back with its reports.
            agent.Killed = dead;
        }
    }

    private void SeeDead()
    {
        foreach (var lost in leases.Values.Where(static lease => lease is { State: LeaseState.Lost, SeenDead: false }).ToArray())
        {
            leases[lost.Attempt] = lost with { SeenDead = true };
            foreach (var agent in agents.Where(agent => agent.Attempt == lost.Attempt))
            {
                agent.Killed = true;
            }
        }
    }

    private void PassTime()
    {
        var due = SimulationMachine.Due(state, policy);
        now = due is { } time && time > now && dice.Next(3) > 0 ? time : now + TimeSpan.FromSeconds(dice.Next(1, 90));
        Take(new SimulationInput.Tick());
    }

    private void GiveOrder()
    {
        Take(dice.Next(60) switch
        {
            0 => new SimulationInput.Cancel("chance"),
            < 20 => new SimulationInput.Pause(null),
            < 45 => new SimulationInput.Resume(null),
            _ => new SimulationInput.Checkpoint(null),
        });
    }

    private void Somebody(Action<Chaos, Agent> act)
    {
        if (agents.Count > 0)
        {
            act(this, agents[dice.Next(agents.Count)]);
        }
    }

    private bool Deliver(Agent agent, bool faults)
    {
        if (agent.Spool.Count == 0)
        {
            return false;
        }

        var fate = faults ? dice.Next(10) : 9;
        if (fate == 0 && agent.Spool.Count > 1 && SimulationMachine.Judge(state, agent.Spool.Peek()) != ReportVerdict.Repeated)
        {
            // Out of order: it must not be taken.
            var early = agent.Spool.ElementAt(1);
            SimulationMachine.Judge(state, early).ShouldNotBe(ReportVerdict.Accepted);
            Take(new SimulationInput.Reported(early));
            return true;
        }

        var report = agent.Spool.Peek();
        var verdict = SimulationMachine.Judge(state, report);
        Take(new SimulationInput.Reported(report));
        var reply = SimulationMachine.Answer(state, report, verdict);
        if (verdict == ReportVerdict.OutOfOrder)
        {
            // The simulation has not heard of the grant yet: it asks.
            Take(new SimulationInput.LeaseSeen(Standing(report.Attempt)));
            return faults || SimulationMachine.Judge(state, report) == ReportVerdict.Accepted;
        }

        if (fate == 1)
        {
            // The answer is lost: it comes again, and gets the same instruction.
            var again = SimulationMachine.Judge(state, report);
            again.ShouldNotBe(ReportVerdict.Accepted);
            SimulationMachine.Answer(state, report, again).Instruction.ShouldBe(reply.Instruction);
            return true;
        }

        agent.Spool.Dequeue();
        agent.Hear(report, reply);
        return true;
    }

    private SimulationDefinition RandomDefinition()
    {
        var count = dice.Next(1, 6);
        List<StageDefinition> stages = [];
        for (var i = 0; i < count; i++)
        {
            var after = Enumerable.Range(0, i).Where(_ => dice.Next(3) == 0).Select(place => Make.On($"stage-{place}", (DependencyCondition)dice.Next(1, 5), 0.5)).ToArray();
            stages.Add(Make.Stage($"stage-{i}", after) with
            {
                Retry = new() { RetriesMax = dice.Next(6), BackoffFirst = TimeSpan.FromSeconds(5) },
                WritesSharedPaths = dice.Next(4) == 0,
                StallAfter = dice.Next(3) == 0 ? TimeSpan.FromMinutes(5) : null,
                Walltime = dice.Next(3) == 0 ? TimeSpan.FromMinutes(30) : null,
                Checkpoint = new()
                {
                    Every = (CheckpointTrigger)dice.Next(1, 4),
                    Interval = TimeSpan.FromMinutes(1),
                    KeepRecent = dice.Next(2, 5),
                },
                OnExit = System.Collections.Immutable.ImmutableSortedDictionary<int, ExitMeaning>.Empty.Add(3, ExitMeaning.SoftFail).Add(4, ExitMeaning.HardFail).Add(5, ExitMeaning.Retry),
            });
        }

        return Make.Simulation([.. stages]);
    }

    /// <summary>The lead agent of one attempt and the program it runs.</summary>
    private sealed class Agent(Chaos world, AttemptId attempt, NodeId node)
    {
        private bool started;
        private bool exited;
        private bool forgotten;
        private bool publishes;
        private long sequence;
        private long step;
        private long ordersAnswered;

        public AttemptId Attempt => attempt;

        public Queue<AttemptReport> Spool { get; } = new();

        /// <summary>Nothing of it runs any more; what it had spooled may still come.</summary>
        public bool Killed { get; set; }

        /// <summary>The next thing that happens at the node.</summary>
        public void Act(Random dice, DateTimeOffset now)
        {
            if (Killed || forgotten)
            {
                return;
            }

            if (!started)
            {
                Launch(dice, calm: false);
                return;
            }

            if (exited)
            {
                return;
            }

            switch (dice.Next(20))
            {
                case < 9:
                    Advance(dice.Next(1, 30));
                    break;
                case < 14:
                    Checkpoint(now);
                    break;
                case < 15 when Asked is { } reason:
                    Exit(new() { ExitStatus = dice.Next(2) == 0 ? 0 : 143, AskedToLeave = true, Asked = reason, Progress = step / 100.0 });
                    break;
                case < 16:
                    Exit(new() { ExitStatus = dice.Next(7) switch { 0 => 3, 1 => 4, 2 => 5, 3 => 85, 4 => null, _ => 1 }, Progress = step / 100.0 });
                    break;
                case < 17 when step > 50:
                    Exit(new() { ExitStatus = 0, Progress = 1 });
                    break;
                default:
                    break;
            }
        }

        /// <summary>A program that does what it should, and ends.</summary>
        public void Calm(DateTimeOffset now)
        {
            if (Killed || forgotten)
            {
                return;
            }

            if (!started)
            {
                Launch(null, calm: true);
            }

            if (started && !exited)
            {
                if (Asked is { } reason)
                {
                    Exit(new() { ExitStatus = 0, AskedToLeave = true, Asked = reason, Progress = Math.Min(0.99, step / 100.0) });
                    return;
                }

                Advance(20);
                Checkpoint(now);
                if (step >= 100)
                {
                    Exit(new() { ExitStatus = 0, Progress = 1 });
                }
            }
        }

        /// <summary>The agent does as it was told.</summary>
        public void Hear(AttemptReport report, ReportReply reply)
        {
            if (reply.Instruction == ReportInstruction.Discard)
            {
                forgotten = true;
                Spool.Clear();
            }
            else if (reply.Instruction == ReportInstruction.Publish && !publishes && !Killed)
            {
                publishes = true;
                Say(new AttemptReport.Published());
            }
        }

        private StopReason? Asked => world.orders.TryGetValue(attempt, out var order) && order.StopBy is not null ? order.Reason : null;

        private void Launch(Random? dice, bool calm)
        {
            var launch = SimulationMachine.Launch(world.state, attempt, node, out _);
            if (launch is null)
            {
                return;
            }

            started = true;
            if (launch.PublishOnlyEpoch > 0)
            {
                exited = true;
                publishes = true;
                Say(calm || dice!.Next(4) > 0 ? new AttemptReport.Published() : new AttemptReport.LaunchRefused { Reason = "the outputs are gone" });
                return;
            }

            if (!calm && dice!.Next(12) == 0)
            {
                exited = true;
                Say(new AttemptReport.LaunchRefused { Reason = "no such command", NodeAtFault = dice.Next(2) == 0 });
                return;
            }

            // What it may restore is there, however much was pruned meanwhile (invariant 6).
            launch.Restore.ShouldAllBe(record => world.files.Contains(record.Name));
            var damaged = calm || launch.Restore.IsEmpty ? 0 : dice!.Next(4) == 0 ? dice.Next(launch.Restore.Length + 1) : 0;
            var restored = launch.Restore.Skip(damaged).FirstOrDefault();
            step = Math.Max(0, restored?.Step ?? 0);
            Say(new AttemptReport.Started { Restored = restored?.Name, Damaged = [.. launch.Restore.Take(damaged).Select(static record => record.Name)] });
        }

        private void Advance(int steps)
        {
            step = Math.Min(100, step + steps);
            Say(new AttemptReport.Progressed { Progress = step / 100.0, Step = step });
        }

        private void Checkpoint(DateTimeOffset now)
        {
            var name = $"e{attempt.Epoch}/step-{step:D4}";
            if (step == 0 || world.files.Contains(name))
            {
                return;
            }

            ordersAnswered++;
            world.files.Add(name);
            Say(new AttemptReport.Checkpointed { Checkpoint = new() { Name = name, Step = step, Progress = step / 100.0, TakenAt = now, Cost = TimeSpan.FromSeconds(1) }, Order = ordersAnswered });
        }

        private void Exit(AttemptReport.Exited report)
        {
            exited = true;
            Say(report);
        }

        private void Say(AttemptReport report) => Spool.Enqueue(report with { Attempt = attempt, Node = node, Sequence = ++sequence });
    }
}
