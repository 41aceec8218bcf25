using System.Diagnostics;

namespace Orchestrator.Pilot.Tests;

/// <summary>Scripts of the Python interface, unchanged, on this engine.</summary>
public sealed class PythonTests : IDisposable
{
    private readonly Flight flight = new();

    [Fact]
    public async Task A_script_with_a_callback_runs_and_gets_its_results()
    {
        var (status, output) = await RunAsync("""
            from pilot import Pilot, Task, TaskResult

            pilot = Pilot(total_cores=2, workdir="./runs", db_path="state.db")
            pilot.add_task(Task(id="boring", command="echo nothing"))
            pilot.add_tasks([Task("interesting", "echo INTERESTING; echo $X", cores=2, timeout=60, priority=5, env={"X": "x"}, tags={"round": 1}, max_retries=1), Task("bad", "exit 42")])
            seen = []

            def look(task, result, pilot):
                seen.append((task.id, result.success, result.returncode))
                assert isinstance(result, TaskResult) and result.task_id == task.id and result.duration > 0
                if "INTERESTING" in open(result.stdout_file).read() and task.tags.get("round") == 1:
                    return [Task(id=f"closer_{number}", command=f"echo {number}", tags={"round": 2}) for number in range(3)]

            pilot.on_complete(look)
            pilot.on_complete(lambda task, result, pilot: 1 / 0 if task.id == "boring" else None)
            outcome = pilot.run(max_workers=2)
            assert outcome["completed"] == 5 and outcome["failed"] == 1 and outcome["wall_time"] > 0, outcome
            assert sorted(pilot.completed) == ["boring", "closer_0", "closer_1", "closer_2", "interesting"], pilot.completed
            assert pilot.failed["bad"].returncode == 42
            assert pilot.completed["interesting"].stdout == "INTERESTING\nx\n"
            assert ("bad", False, 42) in seen

            again = Pilot(2, workdir="./runs", db_path="state.db")
            again.resume()
            again.add_task(Task("later", "true"))
            assert again.run()["completed"] == 6
            assert "boring" in again.completed and "later" in again.completed and "bad" in again.failed
            print("fine")
            """);

        output.ShouldEndWith("fine\n");
        status.ShouldBe(0);
    }

    [Fact]
    public async Task Files_of_tasks_are_loaded_and_mistakes_are_raised()
    {
        flight.Write("tasks.json", """[{"id": "a", "command": "true", "status": "pending"}, {"id": "b", "command": "sleep 100", "timeout": 1}]""");
        var (status, output) = await RunAsync("""
            from pilot import Pilot, PilotError, Task

            pilot = Pilot(total_cores=1)
            assert pilot.load_json("tasks.json") == 2
            assert pilot.run()["failed"] == 1
            assert pilot.failed["b"].returncode == -1 and "time-out" in pilot.failed["b"].stderr
            try:
                Pilot(1).resume()
                raise SystemExit("no error without a database")
            except ValueError:
                pass
            pilot = Pilot(1)
            pilot.add_task(Task("wide", "true", cores=5))
            try:
                pilot.run()
                raise SystemExit("no error for a task that cannot run")
            except PilotError as refused:
                assert "needs more than any node has" in str(refused)
            print("fine")
            """);

        output.ShouldEndWith("fine\n");
        status.ShouldBe(0);
    }

    [Theory]
    [InlineData("parameter_sweep.py", "27 of 27 combinations; the best is sweep_")]
    [InlineData("ensemble.py", "20260201: ensemble mean ")]
    [InlineData("refine.py", "points; the highest is ")]
    public async Task Examples_run(string example, string expected)
    {
        var (status, output) = await RunFileAsync(Path.Combine(AppContext.BaseDirectory, "examples", example));

        output.ShouldContain(expected);
        status.ShouldBe(0, output);
    }

    [Fact]
    public async Task The_example_of_plain_tasks_runs()
    {
        var (status, output, error) = await flight.CommandAsync("pilot", "--cores", "8", "--tasks", Path.Combine(AppContext.BaseDirectory, "examples", "simple.json"));

        status.ShouldBe(0, error);
        output.ShouldContain("Completed: 5 | Failed: 0 |");
        flight.OutputOf("mean").ShouldBe("95 K\n");
    }

    [Fact]
    public async Task LAMMPS_temperatures_are_refined_where_the_energy_changes()
    {
        Assert.SkipUnless(Flight.Has("lmp") && Flight.Has("mpirun"), "LAMMPS and Open MPI are not installed.");
        var (status, output) = await RunFileAsync(Path.Combine(AppContext.BaseDirectory, "examples", "lammps_temperatures.py"));

        status.ShouldBe(0, output);
        output.Split('\n').Count(static line => line.EndsWith(" epsilon per atom", StringComparison.Ordinal) && line.Contains(" -", StringComparison.Ordinal)).ShouldBe(8, "five temperatures and three refinements, all of them bound");
    }

    [Fact]
    public async Task Two_MPI_runs_at_once_have_processors_of_their_own()
    {
        Assert.SkipUnless(Flight.Has("mpirun"), "Open MPI is not installed.");
        Assert.SkipUnless(Environment.ProcessorCount >= 2, "The machine has one processor.");

        // As many processors for each as there are for both: what one has, the other has not.
        var each = Environment.ProcessorCount >= 4 ? 2 : 1;
        flight.Environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1";
        flight.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1";
        const string command = "touch ../$PILOT_TASK_ID.here; until test -e ../a.here -a -e ../b.here; do sleep 0.05; done; mpirun -np 2 grep Cpus_allowed_list /proc/self/status";
        var (status, _, error) = await flight.RunAsync(2 * each, new[] { new { id = "a", command, cores = each }, new { id = "b", command, cores = each } });

        status.ShouldBe(0, error);
        var (a, b) = (flight.OutputOf("a").Split('\n', StringSplitOptions.RemoveEmptyEntries), flight.OutputOf("b").Split('\n', StringSplitOptions.RemoveEmptyEntries));
        a.Length.ShouldBe(2);
        a.Distinct().Count().ShouldBe(1, "both ranks have the processors of their task");
        a.Intersect(b).ShouldBeEmpty();
    }

    private Task<(int Status, string Output)> RunAsync(string script) => RunFileAsync(flight.Write("script.py", script));

    private async Task<(int Status, string Output)> RunFileAsync(string path)
    {
        Assert.SkipUnless(Flight.Has("python3"), "Python is not installed.");
        var start = new ProcessStartInfo("python3", [path]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = flight.Folder };
        start.Environment["ORCHESTRATOR"] = $"{Flight.Dotnet} {Path.Combine(AppContext.BaseDirectory, "orchestrator.dll")}";
        start.Environment["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "python");
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await error + await output);
    }

    public void Dispose() => flight.Dispose();
}
