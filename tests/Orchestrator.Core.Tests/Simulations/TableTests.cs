using System.Globalization;
using System.Text;
using Orchestrator.Core.Clusters;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Simulations;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Core.Tests.Simulations;

/// <summary>The whole status × input table, as text: a change of a rule is a change of a line.</summary>
public sealed class TableTests
{
    [Fact]
    public void Every_status_takes_every_input_so() => Table(
        Situations(),
        [
            ("submit again", static story => new SimulationInput.Submit(story.Definition, 0)),
            ("submit another", static _ => new SimulationInput.Submit(Make.Simulation(Make.Stage("other")), 0)),
            ("cancel", static _ => new SimulationInput.Cancel(null)),
            ("pause", static _ => new SimulationInput.Pause(null)),
            ("resume", static _ => new SimulationInput.Resume(null)),
            ("declare dead", static _ => new SimulationInput.DeclareDead(null)),
            ("checkpoint", static _ => new SimulationInput.Checkpoint(null)),
            ("hold a", static _ => new SimulationInput.Steer(new() { Verb = StageVerb.Hold, Stage = "a", By = "anna" })),
            ("checkpoint later", static story => new SimulationInput.ScheduleCheckpoint(story.Now + TimeSpan.FromHours(1))),
            ("checkpoint none", static _ => new SimulationInput.UnscheduleCheckpoints()),
            ("failure seen", static _ => new SimulationInput.ReportFailure("a", new() { Kind = FailureKind.Unknown, Text = "odd" })),
            ("report, next", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Progressed { Progress = 0.9 }))),
            ("report, stale", static story => new SimulationInput.Reported(new AttemptReport.Progressed { Attempt = new(story.Definition.Id, "a", 99), Node = new("n-1"), Sequence = 1 })),
            ("report, no stage", static story => new SimulationInput.Reported(new AttemptReport.Started { Attempt = new(story.Definition.Id, "z", 1), Node = new("n-1"), Sequence = 1 })),
            ("lease granted", static story => Lease(story, LeaseState.Granted)),
            ("lease lost", static story => Lease(story, LeaseState.Lost)),
            ("lease unknown", static story => Lease(story, LeaseState.Unknown)),
            ("request refused", static story => new SimulationInput.LeaseRequested(new() { Attempt = story.Attempt("a"), State = LeaseState.Unknown })),
            ("order sent", static story => new SimulationInput.OrderSent(new() { Attempt = story.Attempt("a") }, new() { Attempt = story.Attempt("a"), State = LeaseState.Granted, Shares = Make.Shares("n-1") })),
            ("released", static story => new SimulationInput.Released(story.Attempt("a"))),
            ("nudged", static _ => new SimulationInput.Nudged()),
            ("tick", static _ => new SimulationInput.Tick()),
            ("events logged", static _ => new SimulationInput.EventsLogged(1000)),
            ("indexed", static _ => new SimulationInput.Indexed(0)),
            ("history kept", static _ => new SimulationInput.HistoryKept(1000)),
            ("files deleted", static story => new SimulationInput.FilesDeleted(story.Attempt("a"), "e1/x")),
            ("clean runs", static _ => new SimulationInput.CleanRuns("a", false)),
            ("run cleared", static story => new SimulationInput.RunCleared(new() { Attempt = story.Attempt("a"), Keep = RunFiles.Logs }, true)),
            ("reminder removed", static _ => new SimulationInput.ReminderRemoved()),
        ],
        static state => state.Status.ToString()).ShouldBe(
            """
                             Absent        Pending       Running       Pausing       Paused        Cancelling    Completed     Failed        Cancelled
            submit again     Pending       same          same          same          same          same          same          same          same
            submit another   Pending       -             -             -             -             -             -             -             -
            cancel           -             Cancelled     Cancelling    Cancelling    Cancelled     same          -             -             same
            pause            -             Paused        Pausing       same          same          -             -             -             -
            resume           -             same          same          Running       Pending       -             -             -             -
            declare dead     -             same          same          same          same          same          -             -             -
            checkpoint       -             -             Running       same          -             -             -             -             -
            hold a           -             Pending       Running       Pausing       Paused        -             -             -             -
            checkpoint later -             Pending       Running       Pausing       Paused        Cancelling    -             -             -
            checkpoint none  -             same          same          same          same          same          same          same          same
            failure seen     -             Pending       Running       Pausing       Paused        Cancelling    Completed     Failed        Cancelled
            report, next     -             same          Running       Pausing       Paused        Cancelling    Completed     Failed        Cancelled
            report, stale    -             Pending       Running       Pausing       Paused        Cancelling    Completed     Failed        Cancelled
            report, no stage -             same          same          same          same          same          same          same          same
            lease granted    -             Pending       noted         noted         same          noted         same          same          same
            lease lost       -             Pending       Running       Paused        same          Cancelled     same          same          same
            lease unknown    -             noted         Running       Paused        same          Cancelled     same          same          same
            request refused  -             Pending       Running       Paused        same          Cancelled     same          same          same
            order sent       -             Pending       noted         noted         same          noted         same          same          same
            released         -             same          same          same          same          same          same          same          same
            nudged           same          noted         noted         noted         same          noted         same          same          same
            tick             same          same          same          same          same          same          same          same          same
            events logged    -             same          same          same          same          same          same          same          same
            indexed          -             same          same          same          same          same          same          same          same
            history kept     -             same          same          same          same          same          same          same          same
            files deleted    -             same          same          same          same          same          same          same          same
            clean runs       -             same          same          same          same          same          same          same          same
            run cleared      -             same          same          same          same          same          same          same          same
            reminder removed same          same          same          same          same          same          same          same          same
            """, StringCompareShould.IgnoreLineEndings);

    [Fact]
    public void Every_stage_takes_every_report_so() => Table(
        Stages(),
        [
            ("started", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Started()))),
            ("progressed", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Progressed { Progress = 0.9, Step = 9 }))),
            ("checkpointed", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Checkpointed { Checkpoint = new() { Name = "e1/new", Step = 9 } }))),
            ("checkpoint fails", static story => new SimulationInput.Reported(Next(story, new AttemptReport.CheckpointFailed { Checkpoint = "e1/new", Reason = "no room", IsNoRoom = true }))),
            ("verified", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Verified { Checkpoint = "e1/none", Passed = true }))),
            ("exit 0", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Exited { ExitStatus = 0 }))),
            ("exit 1", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Exited { ExitStatus = 1 }))),
            ("exit 85", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Exited { ExitStatus = 85 }))),
            ("published", static story => new SimulationInput.Reported(Next(story, new AttemptReport.Published()))),
            ("launch refused", static story => new SimulationInput.Reported(Next(story, new AttemptReport.LaunchRefused { Reason = "no" }))),
            ("granted", static story => Lease(story, LeaseState.Granted)),
            ("queued", static story => Lease(story, LeaseState.Queued)),
            ("lost", static story => Lease(story, LeaseState.Lost)),
            ("unknown", static story => Lease(story, LeaseState.Unknown)),
        ],
        static state => $"{state.Stages[0].Status}@{state.Stages[0].Epoch}").ShouldBe(
            """
                             Queued        Starting      Running       Publishing    Publish only  Backoff       Paused        Completed     Failed        Cancelled
            started          same          Running@1     Running@1     Publishing@1  Publishing@2  Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            progressed       same          Starting@1    Running@1     Publishing@1  Publishing@2  Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            checkpointed     same          Starting@1    Running@1     Publishing@1  Publishing@2  Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            checkpoint fails same          Starting@1    Running@1     Publishing@1  Publishing@2  Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            verified         same          Starting@1    Running@1     Publishing@1  Publishing@2  Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            exit 0           same          Publishing@1  Publishing@1  Publishing@1  Backoff@2     Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            exit 1           same          Backoff@1     Backoff@1     Publishing@1  Backoff@2     Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            exit 85          same          Queued@2      Queued@2      Publishing@1  Backoff@2     Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            published        same          Starting@1    Running@1     Completed@1   Completed@2   Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            launch refused   same          Backoff@1     Running@1     Backoff@1     Backoff@2     Backoff@1     Paused@1      Completed@1   Failed@1      Cancelled@1
            granted          Starting@1    noted         noted         noted         noted         same          same          same          same          same
            queued           noted         noted         noted         noted         noted         same          same          same          same          same
            lost             Queued@2      Queued@2      Queued@2      Queued@2      Queued@3      same          same          same          same          same
            unknown          noted         Queued@2      Queued@2      Queued@2      Queued@3      same          same          same          same          same
            """, StringCompareShould.IgnoreLineEndings);

    private static IEnumerable<(string Name, Func<Story?> Make)> Situations() =>
    [
        ("Absent", static () => null),
        ("Pending", static () => new Story(Make.Stage("a"))),
        ("Running", static () => new Story(Make.Stage("a")).Run("a")),
        ("Pausing", static () => Ordered(new Story(Make.Stage("a")).Run("a"), new SimulationInput.Pause(null))),
        ("Paused", static () => Ordered(new Story(Make.Stage("a")), new SimulationInput.Pause(null))),
        ("Cancelling", static () => Ordered(new Story(Make.Stage("a")).Run("a"), new SimulationInput.Cancel(null))),
        ("Completed", static () => new Story(Make.Stage("a")).Complete("a")),
        ("Failed", static () => Failed()),
        ("Cancelled", static () => Ordered(new Story(Make.Stage("a")), new SimulationInput.Cancel(null))),
    ];

    private static IEnumerable<(string Name, Func<Story?> Make)> Stages() =>
    [
        ("Queued", static () => new Story(Make.Stage("a"))),
        ("Starting", static () => new Story(Make.Stage("a")).Grant("a")),
        ("Running", static () => new Story(Make.Stage("a")).Run("a")),
        ("Publishing", static () => Exited(new Story(Make.Stage("a")).Run("a"), 0)),
        ("Publish only", static () => Exited(new Story(Make.Stage("a")).Run("a"), 0).Lose("a").Grant("a")),
        ("Backoff", static () => Exited(new Story(Make.Stage("a")).Run("a"), 1)),
        ("Paused", static () => Ordered(new Story(Make.Stage("a")), new SimulationInput.Pause(null))),
        ("Completed", static () => new Story(Make.Stage("a")).Complete("a")),
        ("Failed", static () => Failed()),
        ("Cancelled", static () => Ordered(new Story(Make.Stage("a")), new SimulationInput.Cancel(null))),
    ];

    /// <summary>A line for each input, a column for each status: what it is afterwards, "same" for the same instance, "-" for illegal.</summary>
    private static string Table(
        IEnumerable<(string Name, Func<Story?> Make)> situations,
        (string Name, Func<Story, SimulationInput> Make)[] inputs,
        Func<SimulationState, string> status)
    {
        var columns = situations.ToArray();
        var text = new StringBuilder($"{"",-17}").AppendJoin("", columns.Select(static column => $"{column.Name,-14}"));
        foreach (var (name, make) in inputs)
        {
            text = new StringBuilder(text.ToString().TrimEnd()).Append('\n').Append(CultureInfo.InvariantCulture, $"{name,-17}");
            foreach (var column in columns)
            {
                var story = column.Make();
                var state = story?.State ?? new SimulationState();
                text.Append(CultureInfo.InvariantCulture, $"{Cell(state, make(story ?? new Story(Make.Stage("a"))), status),-14}");
            }
        }

        return text.ToString().TrimEnd();
    }

    private static string Cell(SimulationState state, SimulationInput input, Func<SimulationState, string> status)
    {
        if (!SimulationMachine.Allows(state, input))
        {
            Should.Throw<InvalidTransitionException>(() => SimulationMachine.Step(state, input, Story.Beginning));
            return "-";
        }

        var after = SimulationMachine.Step(state, input, Story.Beginning);
        SimulationMachine.SanityCheck(after).ShouldBeEmpty();
        return ReferenceEquals(after, state) ? "same" : status(after) == status(state) && after.Version == state.Version ? "noted" : status(after);
    }

    private static AttemptReport Next(Story story, AttemptReport report) => report with
    {
        Attempt = story.Attempt("a"),
        Node = new NodeId("n-1"),
        Sequence = (story["a"].Live ?? story["a"].Recent.LastOrDefault())?.LastReport + 1 ?? 1,
    };

    private static SimulationInput.LeaseSeen Lease(Story story, LeaseState state) =>
        new(new() { Attempt = story.Attempt("a"), State = state, Shares = state == LeaseState.Granted ? Make.Shares("n-1") : [] });

    private static Story Ordered(Story story, SimulationInput order)
    {
        story.Take(order);
        return story;
    }

    private static Story Exited(Story story, int status)
    {
        story.Exit("a", status);
        return story;
    }

    private static Story Failed() => Exited(new Story(Make.Stage("a") with { Retry = new RetryPolicy { RetriesMax = 0 } }).Run("a"), 1);
}
