using System.Diagnostics;

namespace Orchestrator.Pilot.Tests;

/// <summary>The users' cases, each by the command line.</summary>
public sealed class CampaignTests : IDisposable
{
    private readonly Flight flight = new();

    [Fact]
    public async Task Eight_tasks_of_two_cores_run_two_at_a_time_on_four_cores()
    {
        var (status, output, error) = await flight.RunAsync(4, Enumerable.Range(0, 8).Select(number => new { id = $"t{number}", command = Noting("sleep 0.2"), cores = 2 }), "--no-pin");

        status.ShouldBe(0, error);
        output.Split('\n').Count(static line => line.StartsWith("▶ t", StringComparison.Ordinal) && line.EndsWith(" (2c)", StringComparison.Ordinal)).ShouldBe(8);
        output.ShouldContain("✓ t7 (0.");
        MostAtOnce().ShouldBe(2);
        output.TrimEnd().Split('\n')[^1].ShouldMatch(@"^Completed: 8 \| Failed: 0 \| Wall time: \d+\.\ds \| CPU time: \d+\.\ds \(\d+\.\dx speedup\)$");
        var summary = flight.Summary();
        summary.GetProperty("completed").GetInt32().ShouldBe(8);
        summary.GetProperty("failed").GetInt32().ShouldBe(0);
        summary.GetProperty("wallSeconds").GetDouble().ShouldBeGreaterThan(0.7);
        summary.GetProperty("taskSeconds").GetDouble().ShouldBeGreaterThan(1.5);
        summary.GetProperty("speedup").GetDouble().ShouldBeGreaterThan(0);
        summary.GetProperty("tasksPerSecond").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task High_priorities_start_first_and_equal_ones_keep_their_order()
    {
        var (status, output, _) = await flight.RunAsync(1, ((int[])[0, 0, 100, 100, 0, 100]).Select((priority, number) => new { id = $"t{number}", command = "true", priority }));

        status.ShouldBe(0);
        Starts(output).ShouldBe(["t2", "t3", "t5", "t0", "t1", "t4"]);
    }

    [Fact]
    public async Task Exit_statuses_are_kept_and_a_failure_makes_the_pilot_exit_with_1()
    {
        var (status, output, _) = await flight.RunAsync(2, ((int[])[0, 1, 0, 42]).Select((code, number) => new { id = $"t{number}", command = $"exit {code}" }), "--db", "state.db");

        status.ShouldBe(1);
        output.ShouldContain("✗ t3 exit status 42");
        output.ShouldContain("Completed: 2 | Failed: 2 |");
        flight.Summary().GetProperty("failed").GetInt32().ShouldBe(2);
        flight.Query("SELECT id, json_extract(result, '$.returncode') FROM tasks ORDER BY id").ShouldBe([["t0", "0"], ["t1", "1"], ["t2", "0"], ["t3", "42"]]);
    }

    [Fact]
    public async Task One_line_runs_as_many_tasks_and_resumes_them_by_their_own_ids()
    {
        var tasks = new[] { new { id = "sim", count = 6, command = "[ {index} -ne 4 ] || [ -e ../fixed ]" } };
        var (status, output, error) = await flight.RunAsync(2, tasks, "--db", "state.db");

        status.ShouldBe(1, error);
        output.ShouldContain("Completed: 5 | Failed: 1 |");
        flight.Rows()["completed"].ShouldBe(["sim-1", "sim-2", "sim-3", "sim-5", "sim-6"]);
        flight.Rows()["failed"].ShouldBe(["sim-4"]);

        File.WriteAllText(Path.Combine(flight.Workdir, "fixed"), "");
        (await flight.CommandAsync("pilot", "--cores", "2", "--db", "state.db", "--resume", "--retry-failed")).Status.ShouldBe(0);
        flight.Rows()["completed"].ShouldBe(["sim-1", "sim-2", "sim-3", "sim-4", "sim-5", "sim-6"]);
        flight.Query("SELECT count(*) FROM ended WHERE outcome = 1").ShouldBe([["6"]]);
    }

    [Fact]
    public async Task A_task_more_with_the_same_database_is_a_row_more()
    {
        (await flight.RunAsync(2, new[] { new { id = "a", command = "true" }, new { id = "b", command = "true" } }, "--db", "state.db")).Status.ShouldBe(0);
        (await flight.RunAsync(2, new[] { new { id = "c", command = "true" } }, "--db", "state.db")).Status.ShouldBe(0);

        flight.Rows()["completed"].ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Retries_are_used_up_one_by_one_and_the_output_of_each_attempt_stays()
    {
        var (status, output, _) = await flight.RunAsync(2, new[]
        {
            new { id = "third", command = "echo $(cat n) >> n; echo try; test $(wc -l < n) -ge 3", max_retries = 2 },
            new { id = "never", command = "exit 7", max_retries = 2 },
        });

        status.ShouldBe(1);
        output.ShouldContain("✓ third");
        output.Split('\n').Count(static line => line.StartsWith("▶ third", StringComparison.Ordinal)).ShouldBe(3);
        output.ShouldContain("↻ never exit status 7, attempt 2 of 3");
        output.ShouldContain("✗ never exit status 7");
        flight.OutputOf("third").ShouldBe("try\n");
        File.Exists(Path.Combine(flight.Workdir, "third", "stdout.1.txt")).ShouldBeTrue();
        File.Exists(Path.Combine(flight.Workdir, "third", "stdout.2.txt")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_time_out_ends_the_whole_tree_and_says_so()
    {
        var (status, output, _) = await flight.RunAsync(
            2, new[] { new { id = "slow", command = "setsid sleep 1000.25 & trap '' TERM; sleep 1000.5 & echo begun; wait; sleep 1000.75", timeout = 1 } }, "--kill-after", "1s", "--db", "state.db");

        status.ShouldBe(1);
        output.ShouldContain("✗ slow ended after its time-out of 1 s");
        flight.OutputOf("slow").ShouldBe("begun\n");
        flight.ErrorsOf("slow").ShouldContain("pilot: task slow ended after its time-out of 1 s");
        flight.Query("SELECT json_extract(result, '$.returncode') FROM tasks").ShouldBe([["-1"]]);
        Commands().ShouldNotContain(static line => line.Contains("sleep\01000.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_command_has_started_gets_the_same_time_to_end()
    {
        // The shell of the task ends at once; what it had started saves its work.
        const string command = "sh -c 'trap \"sleep 0.3; echo saved; exit 0\" TERM; sleep 1000 & wait'; true";
        var (status, _, error) = await flight.RunAsync(1, new[] { new { id = "slow", command, timeout = 1 } }, "--kill-after", "60s");

        status.ShouldBe(1, error);
        flight.OutputOf("slow").ShouldBe("saved\n");
    }

    [Fact]
    public async Task Lines_that_cannot_be_written_do_not_end_the_campaign()
    {
        flight.Write("tasks.json", """[{"id": "a", "command": "true"}, {"id": "b", "command": "true"}]""");
        var (status, _, error) = await flight.ShellAsync("exec \"$@\" > /dev/full", "pilot", "--cores", "1", "--tasks", "tasks.json");

        status.ShouldBe(0, error);
        error.ShouldContain("lines for people cannot be written and are left out: ");
        flight.Summary().GetProperty("completed").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task What_the_machine_lacks_for_a_while_fails_no_task()
    {
        // Room for a root, two tasks with a folder and two files each, and one folder more.
        var disk = Directory.CreateDirectory(Path.Combine(flight.Folder, "disk")).FullName;
        using var mount = Process.Start(new ProcessStartInfo("mount", ["-t", "tmpfs", "-o", "nr_inodes=8", "orchestrator-test", disk]) { RedirectStandardError = true })!;
        await mount.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(mount.ExitCode == 0, "Mounting a small tmpfs is not permitted.");
        try
        {
            flight.Write("tasks.json", $"[{string.Join(',', Enumerable.Range(0, 4).Select(static number => $$"""{"id": "t{{number}}", "command": "true"}"""))}]");
            using var pilot = flight.Start("pilot", "--cores", "1", "--tasks", "tasks.json", "--workdir", "disk");
            var told = "";
            while (!told.Contains("nothing starts there for the moment", StringComparison.Ordinal))
            {
                told = await pilot.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new InvalidOperationException(await pilot.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
            }

            Directory.Delete(Path.Combine(disk, "t0"), recursive: true);
            Directory.Delete(Path.Combine(disk, "t1"), recursive: true);
            var output = await pilot.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await pilot.WaitForExitAsync(TestContext.Current.CancellationToken);

            told.ShouldContain("No space left on device");
            output.ShouldContain("Completed: 4 | Failed: 0 |");
            pilot.ExitCode.ShouldBe(0);
        }
        finally
        {
            using var unmount = Process.Start("umount", [disk]);
            await unmount.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task What_needs_more_than_there_is_is_refused_and_nothing_starts()
    {
        var (status, output, error) = await flight.RunAsync(2, new object[] { new { id = "ok", command = "true" }, new { id = "wide", command = "true", cores = 3 }, new { id = "gpu", command = "true", gpus = 1 } });

        status.ShouldBe(2);
        error.ShouldContain("wide: needs more than any node has; allowed: at most 2 cores, 0 GPUs");
        error.ShouldContain("gpu: needs more");
        error.ShouldContain("2 mistakes; nothing is started.");
        output.ShouldNotContain("▶");
    }

    [Fact]
    public async Task No_more_workers_run_than_asked_for()
    {
        var (status, output, _) = await flight.RunAsync(8, Enumerable.Range(0, 10).Select(number => new { id = $"t{number}", command = Noting("sleep 0.05") }), "--max-workers", "2");

        status.ShouldBe(0);
        MostAtOnce().ShouldBe(2);
    }

    [Fact]
    public async Task A_task_knows_itself_and_nothing_of_the_outer_job()
    {
        flight.Environment["SLURM_JOB_NAME"] = "outer";
        flight.Environment["PMI_RANK"] = "3";
        flight.Environment["OF_THE_USER"] = "mine";
        var (status, _, error) = await flight.RunAsync(2, """
            {"tasks": [{"id": "env", "command": "env; pwd; cat; umask", "cores": 2, "env": {"OWN": "a b", "NUMBER": 1.5, "OF_THE_USER": "changed"}, "tags": {"t": 80}, "timeout": null},
                       {"id": "omp", "command": "echo $OMP_NUM_THREADS; touch made-here", "workdir": ".", "env": {"OMP_NUM_THREADS": "7"}}]}
            """);

        status.ShouldBe(0, error);
        var lines = flight.OutputOf("env").Split('\n');
        lines.ShouldContain("PILOT_TASK_ID=env");
        lines.ShouldContain($"PILOT_TASK_DIR={Path.Combine(flight.Workdir, "env")}");
        lines.ShouldContain(Path.Combine(flight.Workdir, "env"));
        lines.ShouldContain("OMP_NUM_THREADS=2");
        lines.ShouldContain("OWN=a b");
        lines.ShouldContain("NUMBER=1.5");
        lines.ShouldContain("OF_THE_USER=changed");
        lines.Count(static line => line.StartsWith("OF_THE_USER=", StringComparison.Ordinal)).ShouldBe(1);
        lines.ShouldNotContain(static line => line.StartsWith("SLURM_", StringComparison.Ordinal) || line.StartsWith("PMI_", StringComparison.Ordinal));
        flight.OutputOf("omp").ShouldBe("7\n");
        File.Exists(Path.Combine(flight.Folder, "made-here")).ShouldBeTrue("its own workdir is where it runs");
    }

    [Fact]
    public async Task Tasks_that_run_at_once_have_processors_of_their_own()
    {
        Assert.SkipUnless(System.Environment.ProcessorCount >= 2, "The machine has one processor.");

        // Each waits for the other, so that both are there at once.
        const string command = "grep Cpus_allowed_list /proc/self/status; touch ../$PILOT_TASK_ID.here; until test -e ../a.here -a -e ../b.here; do sleep 0.05; done";
        var (status, _, error) = await flight.RunAsync(2, new[] { new { id = "a", command }, new { id = "b", command } });

        status.ShouldBe(0, error);
        flight.OutputOf("a").ShouldNotBe(flight.OutputOf("b"));
        flight.OutputOf("a").ShouldMatch(@"Cpus_allowed_list:\s+\d+\n");
    }

    [Fact]
    public async Task Tasks_wait_for_those_that_they_name()
    {
        var (status, output, _) = await flight.RunAsync(4, """
            [{"id": "last", "command": "cat ../[abc]/stdout.txt", "after": ["b", "c"]}, {"id": "b", "command": "echo b", "after": "a"}, {"id": "c", "command": "echo c", "after": ["a"]}, {"id": "a", "command": "echo a"},
             {"id": "bad", "command": "false"}, {"id": "never", "command": "true", "after": ["bad"]}, {"id": "neither", "command": "true", "after": ["never"]}]
            """);

        status.ShouldBe(1);
        flight.OutputOf("last").ShouldBe("a\nb\nc\n");
        output.ShouldContain("✗ never not run: a task that it waits for failed");
        output.ShouldContain("✗ neither not run");
        output.ShouldContain("Completed: 4 | Failed: 3 |");
    }

    [Fact]
    public async Task Resume_without_a_database_is_an_error()
    {
        var (status, _, error) = await flight.CommandAsync("pilot", "--cores", "2", "--resume");

        status.ShouldBe(2);
        error.ShouldContain("--resume needs --db");
    }

    [Fact]
    public async Task Without_cores_nothing_is_started()
    {
        foreach (var variable in (string[])["SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"])
        {
            flight.Environment[variable] = null;
        }

        var (status, _, error) = await flight.CommandAsync("pilot", "--tasks", "tasks.json");

        status.ShouldBe(2);
        error.ShouldContain("'--cores' is required outside of a batch job");
    }

    [Fact]
    public async Task Nothing_starts_that_cannot_end_in_the_time_left_and_the_next_pilot_goes_on()
    {
        var tasks = new object[] { new { id = "long", command = "true", timeout = 4000 }, new { id = "short", command = "true", timeout = 60 } };
        var (status, output, _) = await flight.RunAsync(1, tasks, "--db", "state.db", "--time-left", "1h");

        status.ShouldBe(75);
        output.ShouldContain("what is left cannot end before the time is over");
        Starts(output).ShouldBe(["short"]);
        var (next, after, error) = await flight.CommandAsync("pilot", "--cores", "1", "--db", "state.db", "--resume", "--time-left", "2h");
        next.ShouldBe(0, error);
        Starts(after).ShouldBe(["long"]);
    }

    [Fact]
    public async Task Packed_output_is_found_again()
    {
        var (status, _, error) = await flight.RunAsync(2, Enumerable.Range(0, 50).Select(number => new { id = $"t{number}", command = $"echo out {number}; echo err {number} >&2" }), "--db", "state.db", "--output", "packed");

        status.ShouldBe(0, error);
        Directory.GetFiles(Path.Combine(flight.Workdir, "packed")).Length.ShouldBe(4, "two that ran at once, output and errors");
        (await flight.CommandAsync("pilot", "output", "t17", "--db", "state.db")).Output.ShouldBe("out 17\n");
        (await flight.CommandAsync("pilot", "output", "t17", "--db", "state.db", "--errors")).Output.ShouldBe("err 17\n");
        (await flight.CommandAsync("pilot", "output", "t51", "--db", "state.db")).Status.ShouldBe(3);
    }

    [Fact]
    public async Task The_null_executor_starts_nothing_and_completes_everything()
    {
        var (status, output, _) = await flight.RunAsync(2, Enumerable.Range(0, 5000).Select(number => new { id = $"t{number}", command = "exit 1" }), "--db", "state.db", "--executor", "null");

        status.ShouldBe(0);
        output.ShouldContain("Completed: 5000 | Failed: 0");
        flight.Rows()["completed"].Count().ShouldBe(5000);
    }

    [Fact]
    public async Task In_a_batch_job_cores_and_end_are_those_of_the_job()
    {
        flight.Environment["SLURM_JOB_ID"] = "17";
        flight.Environment["SLURM_CPUS_ON_NODE"] = "3";
        flight.Environment["SLURM_JOB_END_TIME"] = $"{TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}";
        flight.Write("tasks.json", """[{"id": "long", "command": "true", "timeout": "2h"}, {"id": "short", "command": "true", "timeout": "1m", "cores": 3}]""");

        var (status, output, error) = await flight.CommandAsync("pilot", "--tasks", "tasks.json");

        status.ShouldBe(75, error);
        output.ShouldContain("2 tasks; 3 cores");
        Starts(output).ShouldBe(["short"]);
    }

    private static string[] Starts(string output) =>
        [.. output.Split('\n').Where(static line => line.StartsWith("▶ ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[1])];

    /// <summary>A task that notes when it begins and ends.</summary>
    private static string Noting(string command) => $"date +%s%N > from; {command}; date +%s%N > to";

    /// <summary>As the tasks saw it themselves: lines of ends come after the disk.</summary>
    private int MostAtOnce()
    {
        var moments = Directory.GetDirectories(flight.Workdir)
            .SelectMany(static folder => new[] { (At: Moment(folder, "from"), Change: 1), (At: Moment(folder, "to"), Change: -1) })
            .OrderBy(static moment => moment.At);
        var (now, most) = (0, 0);
        foreach (var (_, change) in moments)
        {
            now += change;
            most = Math.Max(most, now);
        }

        return most;
    }

    private static long Moment(string folder, string name) => long.Parse(File.ReadAllText(Path.Combine(folder, name)), System.Globalization.CultureInfo.InvariantCulture);

    private static IEnumerable<string> Commands()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(static folder => Path.GetFileName(folder).All(char.IsAsciiDigit)))
        {
            string line;
            try
            {
                line = File.ReadAllText($"{folder}/cmdline");
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            yield return line;
        }
    }

    public void Dispose() => flight.Dispose();
}
