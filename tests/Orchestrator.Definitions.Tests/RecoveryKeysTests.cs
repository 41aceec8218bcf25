using Orchestrator.Core.Failures;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Definitions.Tests;

public sealed class RecoveryKeysTests
{
    [Fact]
    public void What_is_done_after_failures_is_read_over_the_defaults()
    {
        var stage = Read("""
            name: a
            project: a/b
            defaults: { recovery: { waits: 5, on: { unknown: ignore } } }
            stages:
              s:
                run: x
                recovery:
                  on: { process-crash: [rollback, partial-restart], disk_full: migrate }
                  backoff: 5m
                  backoff_max: 1h
                  time_limit: 30d
                  memory: 2
                  memory_max: 64G
                  env: { SAFE: 1 }
            """);

        stage.Recovery.StrategiesOf(FailureKind.ProcessCrash).ShouldBe([RecoveryStrategy.Rollback, RecoveryStrategy.PartialRestart]);
        stage.Recovery.StrategiesOf(FailureKind.DiskFull).ShouldBe([RecoveryStrategy.Migrate]);
        stage.Recovery.StrategiesOf(FailureKind.Unknown).ShouldBe([RecoveryStrategy.Ignore]);
        (stage.Recovery.WaitsMax, stage.Recovery.MemoryFactor, stage.Recovery.MemoryMax).ShouldBe((5, 2, 64L << 30));
        stage.Recovery.TimeLimit.ShouldBe(TimeSpan.FromDays(30));
        stage.Recovery.Environment["SAFE"].ShouldBe("1");
        (stage.Retry.BackoffFirst, stage.Retry.BackoffMax).ShouldBe((TimeSpan.FromMinutes(5), TimeSpan.FromHours(1)));
    }

    [Fact]
    public void What_stays_on_disk_and_what_is_done_about_excess_is_read_over_the_defaults()
    {
        var stage = Read("""
            name: a
            project: a/b
            defaults: { keep_runs: all, keep_logs: 7, on_excess: stop }
            stages:
              s: { run: x, keep_runs: 0 }
            """);

        (stage.KeepRuns, stage.KeepLogs, stage.OnExcess).ShouldBe((0, 7, ExcessAction.Stop));
        var plain = Read("name: a\nproject: a/b\nstages:\n  s: { run: x, keep_logs: all }\n");
        (plain.KeepRuns, plain.KeepLogs, plain.OnExcess).ShouldBe((null, -1, ExcessAction.Absent));
        var problems = CampaignFile.Read("name: a\nproject: a/b\nstages:\n  s: { run: x, keep_runs: 2000, keep_logs: few, on_excess: kill }\n").Problems;
        problems.Select(static problem => (problem.Path, problem.Allowed)).ShouldBe(
            [
                ("stages.s.keep_runs", "a whole number from 0 to 1000, or all"), ("stages.s.keep_logs", "a whole number from 0 to 1000, or all"), ("stages.s.on_excess", "note, stop"),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void Every_mistake_is_named_at_once_with_what_is_allowed()
    {
        var problems = CampaignFile.Read("""
            name: a
            project: a/b
            stages:
              s:
                run: x
                recovery:
                  on: { crash: restart, deadlock: [restart, restart], timeout: pray }
                  backoff: 2h
                  backoff_max: 1h
                  memory: 0.5
                  waits: many
                  retry: 5
            """).Problems;

        problems.Select(static problem => problem.Path).ShouldBe(
            [
                "stages.s.recovery.on.crash", "stages.s.recovery.on.deadlock[1]", "stages.s.recovery.on.timeout", "stages.s.recovery.backoff_max", "stages.s.recovery.memory",
                "stages.s.recovery.waits", "stages.s.recovery.retry",
            ],
            ignoreOrder: true);
        problems.First(static problem => problem.Path.EndsWith("crash", StringComparison.Ordinal)).Allowed.ShouldContain("process-crash");
    }

    private static StageDefinition Read(string text)
    {
        var read = CampaignFile.Read(text);
        read.Problems.ShouldBeEmpty();
        return read.Campaign!.Simulations[0].Stages[0];
    }
}
