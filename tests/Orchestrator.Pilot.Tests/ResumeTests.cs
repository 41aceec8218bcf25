using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Pilot.Tests;

/// <summary>Pilots that end before their campaign does.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly Flight flight = new();

    [Fact]
    public Task Killed_at_random_moments_every_task_completes_and_none_that_was_stored_runs_again() => KillAsync(tasks: 400, kills: 4);

    [Fact]
    [Trait("Category", "Long")]
    public Task So_it_is_for_twenty_thousand_tasks_and_twenty_kills() => KillAsync(tasks: 20_000, kills: 20);

    [Fact]
    public async Task Retries_are_counted_over_pilots()
    {
        flight.Write("tasks.json", """[{"id": "t", "command": "echo x >> ../tries; test $(wc -l < ../tries) != 2 || sleep 1000; exit 1", "max_retries": 2}]""");
        using (var first = flight.Start("pilot", "--cores", "1", "--tasks", "tasks.json", "--db", "state.db"))
        {
            await LineAsync(first, "↻ t exit status 1, attempt 1 of 3");
            await UntilAsync(() => File.ReadAllLines(Path.Combine(flight.Workdir, "tries")).Length == 2);
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var (status, output, error) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume");

        status.ShouldBe(1);
        error.ShouldContain("of a pilot that was killed were still running");
        output.ShouldContain("↻ t exit status 1, attempt 2 of 3");
        output.ShouldContain("✗ t exit status 1");
        File.ReadAllLines(Path.Combine(flight.Workdir, "tries")).Length.ShouldBe(4, "the attempt that the kill ended does not count, two more do");
    }

    [Fact]
    public async Task Asked_to_end_it_starts_nothing_more_and_the_next_one_goes_on()
    {
        flight.Write("tasks.json", """[{"id": "runs", "command": "sleep 1000"}, {"id": "waits", "command": "true"}]""");
        using (var first = flight.Start("pilot", "--cores", "1", "--tasks", "tasks.json", "--db", "state.db", "--stop-after", "1s"))
        {
            await LineAsync(first, "▶ runs (1c)");
            using var kill = Process.Start("kill", ["-TERM", first.Id.ToString(CultureInfo.InvariantCulture)])!;
            var rest = await first.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);

            first.ExitCode.ShouldBe(130);
            rest.ShouldNotContain("▶");
            rest.ShouldContain("2 tasks are left");
        }

        flight.Rows()["pending"].ShouldBe(["runs", "waits"]);
        flight.Write("tasks.json", """[{"id": "other", "command": "true"}]""");
        var (status, _, error) = await flight.CommandAsync("pilot", "--cores", "1", "--tasks", "tasks.json", "--db", "state.db");
        status.ShouldBe(2);
        error.ShouldContain("holds 2 tasks that have not ended, as runs: give --resume");
    }

    [Fact]
    public async Task Tasks_that_end_with_the_whole_job_have_not_failed()
    {
        // As a batch system does it: the task gets its TERM first, the pilot right after.
        flight.Write("tasks.json", """[{"id": "t", "command": "p=$PPID; t=$$; setsid sh -c 'kill -TERM '$t'; sleep 0.1; kill -TERM '$p & sleep 1000"}]""");
        var (status, _, _) = await flight.CommandAsync("pilot", "--cores", "1", "--tasks", "tasks.json", "--db", "state.db", "--stop-after", "1s");

        status.ShouldBe(130);
        flight.Rows()["pending"].ShouldBe(["t"]);
    }

    [Fact]
    public async Task Failed_tasks_stay_failed_unless_they_are_to_be_tried_again()
    {
        (await flight.RunAsync(1, """[{"id": "a", "command": "test -e ../mended", "max_retries": 1}, {"id": "b", "command": "true", "after": ["a"]}]""", "--db", "state.db")).Status.ShouldBe(1);

        var (same, output, _) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume");
        same.ShouldBe(1);
        output.ShouldContain("Completed: 0 | Failed: 2");
        output.ShouldNotContain("▶");

        File.WriteAllText(Path.Combine(flight.Workdir, "mended"), "");
        var (mended, again, _) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume", "--retry-failed");
        mended.ShouldBe(0);
        again.ShouldContain("Completed: 2 | Failed: 0");
        flight.Rows()["completed"].ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Failed_tasks_that_began_anew_still_do_after_an_interruption()
    {
        (await flight.RunAsync(1, """[{"id": "a", "command": "test -e ../mended", "timeout": 3600}, {"id": "b", "command": "true", "after": ["a"]}]""", "--db", "state.db")).Status.ShouldBe(1);
        var (over, _, _) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume", "--retry-failed", "--time-left", "1m");
        over.ShouldBe(75);
        flight.Rows()["pending"].ShouldBe(["a", "b"]);
        File.WriteAllText(Path.Combine(flight.Workdir, "mended"), "");

        var (status, output, _) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume", "--on-complete", "while read -r line; do echo \"$line\" >> results; echo '[]'; done");

        status.ShouldBe(0);
        output.ShouldContain("Completed: 2 | Failed: 0");
        flight.Rows()["completed"].ShouldBe(["a", "b"]);
        File.ReadAllLines(Path.Combine(flight.Folder, "results")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task What_waits_for_a_failed_task_is_skipped_though_nothing_else_runs()
    {
        (await flight.RunAsync(1, """[{"id": "a", "command": "false"}]""", "--db", "state.db")).Status.ShouldBe(1);

        var (status, output, _) = await flight.RunAsync(1, """[{"id": "b", "command": "true", "after": ["a"]}]""", "--db", "state.db");

        status.ShouldBe(1);
        output.ShouldContain("Completed: 0 | Failed: 2");
        flight.Rows()["skipped"].ShouldBe(["b"]);
    }

    [Fact]
    public async Task Two_pilots_do_not_share_a_database()
    {
        flight.Write("tasks.json", """[{"id": "t", "command": "sleep 1000"}]""");
        using var first = flight.Start("pilot", "--cores", "1", "--tasks", "tasks.json", "--db", "state.db", "--stop-after", "1s");
        await LineAsync(first, "▶ t (1c)");

        var (status, _, error) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume");

        status.ShouldBe(2);
        error.ShouldContain("is in use by another pilot");
        using var kill = Process.Start("kill", ["-TERM", first.Id.ToString(CultureInfo.InvariantCulture)])!;
        await first.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_same_id_with_another_definition_is_refused()
    {
        (await flight.RunAsync(1, """[{"id": "a", "command": "true"}]""", "--db", "state.db")).Status.ShouldBe(0);

        var (status, _, error) = await flight.RunAsync(1, """[{"id": "a", "command": "false"}, {"id": "b", "command": "true"}]""", "--db", "state.db");

        status.ShouldBe(2);
        error.ShouldContain("a is in ");
        flight.Rows().SelectMany(static group => group).ShouldBe(["a"]);
    }

    private async Task KillAsync(int tasks, int kills)
    {
        // Each run of a task leaves a line: what ran twice has two.
        flight.Write("tasks.json", $"[{string.Join(",\n", Enumerable.Range(0, tasks).Select(number => $$"""{"id": "t{{number}}", "command": "echo {{number}} >> {{flight.Folder}}/ran"}"""))}]");
        var random = new Random(20261121);
        var stored = new HashSet<string>();
        var again = new List<string>();
        string[] arguments = ["pilot", "--cores", "2", "--tasks", "tasks.json", "--db", "state.db", "--verbose"];
        for (var kill = 0; kill < kills; kill++)
        {
            using var process = flight.Start(arguments);
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var lines = random.Next(2, 4 * tasks / kills / 2);
            for (var line = 0; line < lines && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } text; line++)
            {
                if (text.StartsWith("▶ ", StringComparison.Ordinal) && stored.Contains(text.Split(' ')[1]))
                {
                    again.Add(text);
                }
            }

            process.Kill();
            var rest = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            again.AddRange(rest.Split('\n').Where(text => text.StartsWith("▶ ", StringComparison.Ordinal) && text.Split(' ') is { Length: 3 } words && stored.Contains(words[1])));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (File.Exists(flight.Database))
            {
                stored.UnionWith(flight.Query("SELECT task FROM ended WHERE outcome = 1").Select(static row => $"t{row[0]}"));
            }

            arguments = [.. arguments.Where(static argument => argument is not ("--tasks" or "tasks.json" or "--resume")), "--resume"];
        }

        var (status, output, error) = await flight.CommandAsync(arguments);

        status.ShouldBe(0, error);
        output.ShouldContain($"Completed: {tasks} | Failed: 0");
        again.AddRange(output.Split('\n').Where(text => text.StartsWith("▶ ", StringComparison.Ordinal) && stored.Contains(text.Split(' ')[1])));
        again.ShouldBeEmpty();
        flight.Query("SELECT count(*), count(DISTINCT task) FROM ended").ShouldBe([[$"{tasks}", $"{tasks}"]]);
        var ran = File.ReadAllLines(Path.Combine(flight.Folder, "ran")).GroupBy(static line => line).ToDictionary(static group => group.Key, static group => group.Count());
        ran.Count.ShouldBe(tasks);

        // At most the two that ran when the pilot was killed, and those whose end was not yet on the disk.
        ran.Values.Count(static times => times > 1).ShouldBeLessThanOrEqualTo(kills * 200);
    }

    private static async Task LineAsync(Process process, string start)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException($"no line starts with {start}: {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => flight.Dispose();
}
