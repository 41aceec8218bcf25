using System.Text.Json;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>What a rehearsal says of programs that are fit for months, and of those that are not.</summary>
public sealed class RehearsalTests
{
    /// <summary>A shell program that counts to 120 in six seconds or more, and how it goes wrong.</summary>
    private const string Head =
        """
        i=0; [ -z "$ORCHESTRATOR_RESTORE_DIR" ] || i=$(cat "$ORCHESTRATOR_RESTORE_DIR/count")
        save() { [ -d "$ORCHESTRATOR_CHECKPOINT_DIR/c$i" ] && return; mkdir -p "$ORCHESTRATOR_CHECKPOINT_DIR/c$i.partial"; echo $i > "$ORCHESTRATOR_CHECKPOINT_DIR/c$i.partial/count"; mv "$ORCHESTRATOR_CHECKPOINT_DIR/c$i.partial" "$ORCHESTRATOR_CHECKPOINT_DIR/c$i"; echo "{\"checkpoint\":\"c$i\",\"step\":$i,\"appended\":{\"history.csv\":$(stat -c %s history.csv)}}" >> "$ORCHESTRATOR_PROGRESS_FILE"; }
        seen=0
        """;

    [Fact]
    public async Task The_climate_example_is_fit_for_months()
    {
        var report = await RehearseAsync(
            """
            name: fit
            project: tests/rehearsals
            stages:
              coupled:
                run: climate run --seed 7 --steps 1000 --history-every 100 --pace 4
                restart: climate run --resume {restore} --steps 1000 --pace 4
                memory: 64M
                grace: 5s
                outputs: [history.nc]
            """, 0);

        report.GetProperty("passed").GetBoolean().ShouldBeTrue(report.ToString());
        Texts(report).ShouldContain(text => text == "restart is bit-identical: history.nc");
        Texts(report).ShouldContain(text => text.Contains("it goes on from step", StringComparison.Ordinal));
        Texts(report).ShouldContain(text => text.StartsWith("asked to leave, it leaves within", StringComparison.Ordinal) && text.EndsWith("with a checkpoint", StringComparison.Ordinal));
        report.GetProperty("recommendedIntervalSeconds").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_program_that_repeats_records_drifts_and_ignores_TERM_is_told_so()
    {
        var report = await RehearseAsync(
            """
            name: unfit
            project: tests/rehearsals
            stages:
              count:
                run: sh -c '. "$PROGRAM"'
                memory: 16M
                grace: 1s
                outputs: [history.csv, drift.csv]
                appends: [history.csv]
                env: { PROGRAM: 'PLACE' }
            """, 1, Head + """

            trap '' TERM
            # What is repeated: the file is declared, so it is rolled back; two more records are written again by the program itself.
            [ $i = 0 ] || { echo "$((i - 1)),again" >> history.csv; echo "$i,again" >> history.csv; }
            while [ $i -lt 120 ]; do
                i=$((i + 1)); echo "$i,1" >> history.csv; sleep 0.05
                if [ -s "$ORCHESTRATOR_CONTROL_FILE" ] && [ $seen = 0 ]; then seen=1; save; fi
            done
            if [ -z "$ORCHESTRATOR_RESTORE_DIR" ]; then echo 'tas 287.1' > drift.csv; else echo 'tas 287.100000001' > drift.csv; fi
            """);

        Texts(report).ShouldContain(text => text.StartsWith("it ignores TERM: it was killed", StringComparison.Ordinal), report.ToString());
        Texts(report).ShouldContain(text => text.StartsWith("repeats ", StringComparison.Ordinal) && text.EndsWith("of history.csv", StringComparison.Ordinal));
        Texts(report).ShouldContain(text => text == "drift.csv differs in tas by 1e-9");
    }

    [Fact]
    public async Task A_program_that_never_makes_a_checkpoint_is_told_what_that_costs()
    {
        var report = await RehearseAsync(
            """
            name: never
            project: tests/rehearsals
            stages:
              sleep: { run: "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do sleep 0.25; echo $i >> log; done", memory: 16M, grace: 1s, outputs: [log] }
            """, 1);

        Texts(report).ShouldContain(text => text.StartsWith("it never makes a checkpoint", StringComparison.Ordinal));
        Texts(report).ShouldContain(text => text.EndsWith("it starts again from the beginning", StringComparison.Ordinal));
        report.GetProperty("outlook")[0].GetString()!.ShouldEndWith("each costs all that was done since the stage began.");
    }

    private static async Task<JsonElement> RehearseAsync(string yaml, int status, string? program = null)
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-rehearsal-test-");
        try
        {
            var (campaign, script) = (Path.Combine(folder.FullName, "campaign.yaml"), Path.Combine(folder.FullName, "program.sh"));
            await File.WriteAllTextAsync(script, program ?? "", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(campaign, yaml.Replace("PLACE", script, StringComparison.Ordinal), TestContext.Current.CancellationToken);

            var result = await CommandResult.RunAsync(["rehearse", campaign, "--minutes", "2", "--json"], TestContext.Current.CancellationToken);

            result.Status.ShouldBe(status, result.Output + result.Error);
            return JsonDocument.Parse(result.Output).RootElement;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IReadOnlyList<string> Texts(JsonElement report) => [.. report.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("text").GetString()!)];
}
