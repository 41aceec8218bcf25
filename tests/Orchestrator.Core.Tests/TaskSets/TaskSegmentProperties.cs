using System.Collections.Immutable;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.TaskSets.Segments;

namespace Orchestrator.Core.Tests.TaskSets;

/// <summary>
/// Workers over a wire that loses, repeats and delays what they say and what they are answered, that die and come again under a newer epoch, against a segment that is made anew
/// from its journal at any moment: what must hold in all histories.
/// </summary>
public sealed class TaskSegmentProperties
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Every_task_ends_once_and_none_that_was_committed_runs_again() => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), static seed => new History(seed).Play()).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    /// <summary>One history.</summary>
    private sealed class History
    {
        private readonly int seed;
        private readonly Random random;
        private readonly List<string> journal = [];
        private readonly List<TaskExchange> late = [];
        private readonly List<Worker> workers;
        private readonly int tasks;
        private TaskSegmentState state = new();
        private ImmutableSortedDictionary<int, int> over = ImmutableSortedDictionary<int, int>.Empty;

        public History(int seed)
        {
            this.seed = seed;
            random = new(seed);
            tasks = random.Next(1, 120);
            workers = [.. Enumerable.Range(1, random.Next(1, 4)).Select(static number => new Worker { Number = number })];
            Store(TaskSegmentMachine.Open(
                state,
                [
                    new() { First = 0, Last = (tasks / 2) - 1 + (tasks % 2), RetriesMax = 2 }, .. tasks > 1 ? [new TaskRow { First = (tasks + 1) / 2, Last = tasks - 1, Cores = 2, Priority = 1, RetriesMax = 1 }] : Array.Empty<TaskRow>(),
                ]));
        }

        public void Play()
        {
            for (var step = 0; step < 3000 && !state.Counts.IsFinished; step++)
            {
                var isCalm = step > 1500;
                var worker = workers[random.Next(workers.Count)];
                switch (random.Next(12))
                {
                    case 0 when !isCalm:
                        // It dies. Whoever watches may know it only much later, and the next attempt may come before that is known.
                        over = random.Next(2) == 0 ? over.SetItem(worker.Number, worker.Epoch) : over;
                        worker.Begin();
                        break;
                    case 1 when late.Count > 0:
                        _ = Take(late[random.Next(late.Count)]);
                        break;
                    case 2:
                        // The silo is killed: what was not stored is gone.
                        state = Replay();
                        break;
                    default:
                        Speak(worker, isCalm);
                        break;
                }
            }

            state.Counts.IsFinished.ShouldBeTrue($"seed {seed}: {state.Counts}");
            state.Counts.Tasks.ShouldBe(tasks);
            JsonSerializer.Serialize(Replay()).ShouldBe(JsonSerializer.Serialize(state), $"seed {seed}");
        }

        private void Speak(Worker worker, bool isCalm)
        {
            worker.Run(random);
            var said = worker.Say(random.Next(0, 9));
            if (!isCalm && random.Next(6) == 0)
            {
                // Lost on its way; or it comes much later, when the worker has long said it again.
                late.Add(said);
                return;
            }

            var reply = Take(said);
            if (!isCalm && random.Next(6) == 0)
            {
                late.Add(said);
                return;
            }

            if (reply.Outcome == TaskExchangeOutcome.Over)
            {
                worker.Begin();
                return;
            }

            worker.Hear(said, reply);
        }

        private TaskExchangeReply Take(TaskExchange said)
        {
            var committed = Committed();
            var facts = TaskSegmentMachine.Decide(state, said, over, Now, out var reply);
            if (random.Next(10) == 0)
            {
                // Decided, and killed before it was stored: nobody hears an answer, and it is as if it had not been said.
                state = Replay();
                return new() { Outcome = TaskExchangeOutcome.Repeated };
            }

            Store(facts);
            TaskSegmentMachine.SanityCheck(state).ShouldBeEmpty($"seed {seed}");
            TaskRanges.Except(committed, Committed()).ShouldBeEmpty($"seed {seed}: what has completed stays completed");
            TaskRanges.Intersect(reply.Given?.Tasks ?? [], committed).ShouldBeEmpty($"seed {seed}: what has completed is not given again");
            return reply;
        }

        /// <summary>What is in nothing else.</summary>
        private ImmutableArray<TaskRange> Committed() => TaskRanges.Except(
            [new(0, tasks - 1)],
            state.Batches.Values.Aggregate(TaskRanges.Union(state.Waiting, TaskRanges.Of(state.Failed.Keys)), static (sum, batch) => TaskRanges.Union(sum, batch.Tasks)));

        private void Store(ImmutableArray<TaskSegmentFact> facts)
        {
            foreach (var fact in facts)
            {
                journal.Add(JsonSerializer.Serialize(fact));
                state = TaskSegmentMachine.Apply(state, fact, Now);
            }
        }

        private TaskSegmentState Replay() => journal.Aggregate(new TaskSegmentState(), static (state, fact) => TaskSegmentMachine.Apply(state, JsonSerializer.Deserialize<TaskSegmentFact>(fact)!, Now));
    }

    /// <summary>A worker as the real one is: it says a thing until it is answered, and forgets ends only when they are taken.</summary>
    private sealed class Worker
    {
        private readonly List<(long Serial, int Task)> running = [];
        private Dictionary<long, TaskBatchEnd> ended = [];
        private readonly HashSet<long> known = [];
        private TaskExchange? unanswered;

        public int Number { get; init; }

        public int Epoch { get; private set; } = 1;

        private long sequence = 1;

        public void Begin()
        {
            Epoch++;
            sequence = 1;
            running.Clear();
            ended.Clear();
            known.Clear();
            unanswered = null;
        }

        public void Run(Random random)
        {
            for (var many = random.Next(4); many > 0 && running.Count > 0; many--)
            {
                var at = random.Next(running.Count);
                var (serial, task) = running[at];
                running.RemoveAt(at);
                var end = ended.GetValueOrDefault(serial) ?? new() { Serial = serial };
                ended[serial] = random.Next(8) switch
                {
                    0 => end with { Returned = TaskRanges.Union(end.Returned, [new(task, task)]) },
                    1 => end with { Failed = end.Failed.Add(new() { Task = task, Kind = TaskFaultKind.Failed, Code = 1 }) },
                    _ => end with { Completed = TaskRanges.Union(end.Completed, [new(task, task)]) },
                };
            }
        }

        public TaskExchange Say(int cores)
        {
            if (unanswered is null)
            {
                unanswered = new() { Worker = Number, Epoch = Epoch, Sequence = sequence, Cores = Math.Max(2, cores), Ended = [.. ended.Values] };
                ended = [];
            }

            return unanswered;
        }

        public void Hear(TaskExchange said, TaskExchangeReply reply)
        {
            if (reply is { Outcome: TaskExchangeOutcome.Repeated, IsTaken: false } || said != unanswered)
            {
                return;
            }

            unanswered = null;
            sequence += reply.IsTaken ? 1 : 0;
            if (reply.Outcome == TaskExchangeOutcome.Repeated)
            {
                // Whether what it said was heard then or now is not known: it is said again.
                foreach (var end in said.Ended)
                {
                    var later = ended.GetValueOrDefault(end.Serial) ?? new() { Serial = end.Serial };
                    ended[end.Serial] = later with
                    {
                        Completed = TaskRanges.Union(later.Completed, end.Completed), Failed = end.Failed.AddRange(later.Failed), Returned = TaskRanges.Union(later.Returned, end.Returned),
                    };
                }
            }

            if (reply.Given is { } given && known.Add(given.Serial))
            {
                running.AddRange(TaskRanges.Numbers(given.Tasks).Select(task => (given.Serial, task)));
            }
        }
    }
}
