using Orchestrator.Core.Events;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scheduling.Shares;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Tests.Simulations;
using static Orchestrator.Core.Tests.Scenarios.Compare;

namespace Orchestrator.Core.Tests.Scenarios;

/// <summary>
/// Steering and people at the same simulations, with orders that are late, lost or repeated, and events that are heard late: steering never resumes what a person paused, and leaves
/// nothing paused that nobody will resume.
/// </summary>
public sealed class SteeringAmongPeopleTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory, MemberData(nameof(Seeds))]
    public void Nothing_stays_paused_that_nobody_resumes_and_what_people_paused_stays_paused(int seed) => new Play(seed).Run();

    private sealed class Play
    {
        private readonly Random random;
        private readonly List<Life> lives;
        private readonly Dictionary<SimulationId, MemberOrder> onTheWay = [];
        private readonly ScenarioDefinition whole;
        private ScenarioState state = new();
        private DateTimeOffset now = Noon;

        public Play(int seed)
        {
            random = new(seed);
            var names = Enumerable.Range(0, random.Next(3, 8)).SelectMany(variant => Enumerable.Range(0, random.Next(1, 3)).Select(member => (Variant: $"v{variant}", Name: $"v{variant}-{member}"))).ToList();
            lives = [.. names.Select(static one => new Life(one.Name))];
            whole = Definition(string.Join(';', names.GroupBy(static one => one.Variant).Select(static group => $"{group.Key}: {string.Join(' ', group.Select(static one => one.Name))}"))) with { Steering = ScenarioSteering.Steer };
            Take(new ScenarioInput.Define(whole));
        }

        public void Run()
        {
            for (var turn = 0; turn < 300; turn++)
            {
                now += TimeSpan.FromMinutes(random.Next(1, 60));
                Act(lives[random.Next(lives.Count)]);
            }

            // In the end everybody hears everything, and what runs completes: but for what people paused, that is all.
            Settle();
            while (lives.Where(static life => life is { HasEnded: false, IsPaused: false }).ToList() is { Count: > 0 } running)
            {
                running.ForEach(static life => life.Complete());
                Settle();
            }

            lives.ShouldAllBe(static life => life.HasEnded || life.IsPeoples);
            state.Held.ShouldBeEmpty();
        }

        private void Act(Life life)
        {
            switch (random.Next(30))
            {
                case < 8:
                    life.Report(random.NextDouble() * 0.1, random.NextDouble());
                    break;
                case < 10:
                    life.PauseByPerson();
                    break;
                case < 12:
                    life.ResumeByPerson();
                    break;
                case < 16:
                    Hear(life, random.Next(1, 5));
                    break;
                case < 19:
                    Take(new ScenarioInput.Evaluate());
                    break;
                case < 22:
                    Send();
                    break;
                case < 26:
                    Arrive(random.Next(4));
                    break;
                case 26:
                    Take(new ScenarioInput.Override($"v{random.Next(3)}", random.Next(3) == 0 ? null : random.NextDouble(), "ada", ""));
                    break;
                case 27 when random.Next(3) == 0:
                    Take(new ScenarioInput.Define(random.Next(3) switch
                    {
                        0 => whole,
                        1 => whole with { Variants = whole.Variants.Remove($"v{random.Next(3)}") },
                        _ => whole with { Steering = (ScenarioSteering)random.Next(1, 4) },
                    }));
                    break;
                case 28 when random.Next(3) == 0 && !life.IsPaused && !life.HasEnded:
                    life.Complete();
                    break;
                case 29 when life.HasEnded && state.Members.ContainsKey(life.Id):
                    life.Reopen();
                    break;
                default:
                    Take(new ScenarioInput.Published(state.EventSequence));
                    break;
            }
        }

        /// <summary>An order sets out; one simulation gets one at a time.</summary>
        private void Send()
        {
            foreach (var tell in ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>().Where(tell => !onTheWay.ContainsKey(tell.Simulation) && random.Next(2) == 0))
            {
                onTheWay[tell.Simulation] = tell.Order;
            }
        }

        /// <summary>Orders come to their simulations; of some the answer is lost, so that they are repeated, and some are lost on the way.</summary>
        private void Arrive(int count)
        {
            foreach (var (simulation, order) in onTheWay.Take(count).ToList())
            {
                onTheWay.Remove(simulation);
                var fate = random.Next(5);
                if (fate > 0)
                {
                    lives.Single(life => life.Id == simulation).Obey(order, whole.Id);
                }

                if (fate > 1)
                {
                    Take(new ScenarioInput.Told(simulation, order));
                }
            }
        }

        private void Hear(Life life, int count)
        {
            if (state.Members.TryGetValue(life.Id, out var member))
            {
                Take(new ScenarioInput.Observed(life.Id, [.. life.Log.Skip((int)member.Cursor).Take(count)]));
            }
        }

        private void Settle()
        {
            for (var quiet = 0; quiet < 3; quiet++)
            {
                now += TimeSpan.FromMinutes(10);
                foreach (var life in lives)
                {
                    Hear(life, int.MaxValue);
                }

                Take(new ScenarioInput.Evaluate());
                Send();
                while (onTheWay.Count > 0)
                {
                    quiet = -1;
                    Arrive(onTheWay.Count);
                }

                quiet = ScenarioMachine.Owed(state).OfType<ScenarioEffect.Tell>().Any() ? -1 : quiet;
            }

            foreach (var life in lives.Where(static life => !life.HasEnded))
            {
                var isMember = state.Members.TryGetValue(life.Id, out var member);
                if (life is { IsPaused: true, IsPeoples: false })
                {
                    state.Held.ShouldContain(life.Id, $"{life.Id} is paused, and nobody will resume it");
                }
                else
                {
                    state.Held.ShouldNotContain(life.Id);
                }

                life.Promise.ShouldBe(isMember ? member!.Promise : null, $"{life.Id} counts what it was told");
                life.Share.ShouldBe(isMember ? member!.Share : null, $"{life.Id} has the share that it was told");
            }
        }

        private void Take(ScenarioInput input) => state = Step(state, input, now);
    }

    /// <summary>A simulation by its own machine; what its programs say is made up.</summary>
    private sealed class Life
    {
        private SimulationState state = new();
        private long taken;
        private double progress;

        public Life(string name)
        {
            Id = new($"s-{name}");
            Take(new SimulationInput.Submit(Make.Simulation(Make.Stage("a")) with { Id = Id }, 0));
        }

        public SimulationId Id { get; }

        public List<OrchestratorEvent> Log { get; } = [];

        public bool HasEnded { get; private set; }

        public bool IsPaused => state.Status is SimulationStatus.Pausing or SimulationStatus.Paused;

        /// <summary>A person paused it, and no person resumed it since.</summary>
        public bool IsPeoples { get; private set; }

        /// <summary>What the scheduler was told last.</summary>
        public double? Promise { get; private set; }

        /// <summary>The share that the scheduler was told last.</summary>
        public ScenarioShare? Share { get; private set; }

        public void PauseByPerson()
        {
            if (!HasEnded)
            {
                Take(new SimulationInput.Pause("maintenance"));
                IsPeoples = true;
            }
        }

        public void ResumeByPerson()
        {
            if (!HasEnded)
            {
                Take(new SimulationInput.Resume(null));
                IsPeoples = false;
                IsPaused.ShouldBeFalse();
            }
        }

        public void Obey(MemberOrder order, ScenarioId by)
        {
            if (HasEnded)
            {
                return;
            }

            if (order.Hold is { } hold)
            {
                Take(hold ? new SimulationInput.Pause(order.Reason, by) : new SimulationInput.Resume(order.Reason, by));
            }

            Promise = order.Promise ?? (order.ForgetsPromise ? null : Promise);
            Share = order.Share ?? (order.ForgetsShare ? null : Share);
            (IsPeoples && !IsPaused).ShouldBeFalse($"steering resumed {Id}, which a person paused");
        }

        public void Report(double more, double value)
        {
            if (!HasEnded && !IsPaused)
            {
                progress = Math.Min(0.99, progress + more);
                Add(Event(0, EventKinds.StageProgressed, progress, ("tas", value)));
            }
        }

        public void Complete()
        {
            HasEnded = true;
            Add(Event(0, EventKinds.SimulationCompleted));
        }

        public void Reopen()
        {
            (HasEnded, progress) = (false, 0);
            Add(Event(0, EventKinds.SimulationReopened));
        }

        private void Take(SimulationInput input)
        {
            state = SimulationMachine.Step(state, input, Noon);
            foreach (var occurrence in state.Outbox.Where(occurrence => occurrence.Sequence > taken))
            {
                taken = occurrence.Sequence;
                Add(occurrence);
            }
        }

        private void Add(OrchestratorEvent occurrence) => Log.Add(occurrence with { Source = Id.Value, Sequence = Log.Count + 1 });
    }
}
