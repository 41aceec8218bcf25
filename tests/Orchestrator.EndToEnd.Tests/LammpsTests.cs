using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A real code under a real MPI that knows nothing of the orchestrator, by the example campaign.</summary>
public sealed partial class LammpsTests
{
    private const string Id = "s-lj-melt";
    private const int Every = 200;

    [Fact]
    public Task A_melt_that_is_killed_goes_on_from_its_restart_file_and_no_rank_is_left_behind() => GoesOnAsync("lmp");

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("mpirun")]
    [InlineData("node")]
    public Task So_does_one_whose_launcher_or_node_is_killed(string victim) => GoesOnAsync(victim);

    private static async Task GoesOnAsync(string victim)
    {
        Assert.SkipUnless(Exists("lmp") && Exists("mpirun"), "LAMMPS and Open MPI are not installed.");
        using var deployment = new Deployment(window: 3);
        await deployment.StartAsync("one");
        await deployment.SubmitAsync(Campaign());
        var checkpoint = await deployment.StageEventAsync(Id, "melt", EventKinds.CheckpointCommitted);
        checkpoint.Step.ShouldNotBeNull();

        if (victim == "node")
        {
            deployment.Processes.Kill("one");
            deployment.StartAgent("two");
        }
        else
        {
            Programs.Kill(Programs.Of(deployment.Data).First(process => File.ReadAllText($"/proc/{process}/comm").Trim() == victim)).ShouldBeTrue();
        }

        var again = await deployment.StageEventAsync(Id, "melt", EventKinds.StageStarted, epoch: 2);
        Programs.Of(deployment.AttemptOf(Id, "melt", 1)).ShouldBeEmpty("no rank of the killed run is left");
        again.Step.ShouldNotBeNull();
        again.Step.Value.ShouldBeGreaterThanOrEqualTo(checkpoint.Step.Value);
        var ended = await deployment.EndOfAsync(Id);

        ended.Status.ShouldBe(SimulationStatus.Completed, ended.Reason);
        var steps = Steps(File.ReadAllLines(deployment.ResultOf(Id, "melt", "log.lammps")));
        steps[0].Step.ShouldBe(again.Step.Value, "it begins where the restart file is");
        steps.Select(step => step.Step).ShouldBe(Enumerable.Range(0, steps.Count).Select(number => again.Step.Value + (number * Every)));
        steps[^1].Step.ShouldBe(4000);

        // The energy of the undisturbed run at its steps; the order of atoms makes the digits differ.
        var before = Steps(File.ReadAllLines(Path.Combine(deployment.AttemptOf(Id, "melt", 1), "run", "log.lammps"))).ToDictionary(step => step.Step, step => step.Energy);
        steps[0].Energy.ShouldBe(before[steps[0].Step], 1e-6);
        steps[^1].Energy.ShouldBe(Undisturbed(), 0.01);
    }

    private static string Campaign()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "lammps");
        var root = System.Environment.UserName == "root" ? ", OMPI_ALLOW_RUN_AS_ROOT: 1, OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: 1" : "";
        return File.ReadAllText(Path.Combine(folder, "campaign.yaml"))
            .Replace("ranks_per_node: 2, memory: 512M", "memory: 64M, retries: 5", StringComparison.Ordinal)
            .Replace("-np {ranks}", "-np 2", StringComparison.Ordinal)
            .Replace("-screen none", $"-var size 7 -var steps 4000 -var every {Every} -screen none", StringComparison.Ordinal)
            .Replace("OMPI_MCA_mpi_yield_when_idle: 1", $"OMPI_MCA_mpi_yield_when_idle: 1, LJ_MELT: '{folder}'{root}", StringComparison.Ordinal);
    }

    /// <summary>The total energy after the last step of a run that nobody disturbs, by one process.</summary>
    private static double Undisturbed()
    {
        var folder = Directory.CreateTempSubdirectory("orchestrator-lammps-");
        try
        {
            using var process = Process.Start(new ProcessStartInfo(
                "lmp", ["-in", Path.Combine(AppContext.BaseDirectory, "lammps", "in.melt"), "-var", "size", "7", "-var", "steps", "4000", "-var", "every", "200", "-screen", "none", "-log", "log"])
            { WorkingDirectory = folder.FullName, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return Steps(File.ReadAllLines(Path.Combine(folder.FullName, "log")))[^1].Energy;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Step and total energy, the fifth column.</summary>
    private static List<(long Step, double Energy)> Steps(IEnumerable<string> log) =>
        [.. log.Select(line => Thermo().Match(line)).Where(match => match.Success).Select(match => (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)))];

    private static bool Exists(string program) => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    [GeneratedRegex(@"^ *([0-9]+) +[-0-9.]+ +[-0-9.]+ +[-0-9.]+ +([-0-9.]+) +[-0-9.]+ *$")]
    private static partial Regex Thermo();
}
