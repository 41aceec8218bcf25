using System.Diagnostics;
using System.Text.Json;
using Climate.Commands;
using Climate.Output;
using Climate.Protocol;

namespace Climate.Tests;

public sealed class ProtocolTests : IDisposable
{
    private readonly Scratch scratch = new();

    [Fact]
    public void Progress_checkpoints_and_artifacts_are_reported_as_documented()
    {
        var environment = new RunEnvironment { ProgressFile = scratch["progress"], CheckpointDirectory = scratch["checkpoints"] };

        Runs.Run(Runs.Options(scratch["run"]) with { CheckpointEvery = 30 }, environment).ShouldBe(ExitCode.Done);

        var lines = File.ReadAllLines(scratch["progress"]);
        lines.ShouldContain("{\"checkpoint\":\"step-00000030\",\"step\":30,\"progress\":0.5}");
        lines.ShouldContain("{\"artifact\":\"history.nc\",\"quality\":1}");
        using var last = JsonDocument.Parse(lines[^1]);
        last.RootElement.GetProperty("progress").GetDouble().ShouldBe(1);
        last.RootElement.GetProperty("step").GetInt64().ShouldBe(Runs.Steps);
        last.RootElement.GetProperty("metrics").GetProperty("tas").GetDouble().ShouldBeInRange(200, 330);
        Directory.GetDirectories(scratch["checkpoints"]).ShouldBe([scratch["checkpoints/step-00000030"]]);
    }

    [Fact]
    public void An_order_counts_once_and_only_when_its_line_is_whole()
    {
        var control = new ControlFile(scratch["control"]);
        control.Look().ShouldBe(default);

        File.WriteAllText(scratch["control"], "{\"order\":\"checkpoint\",\"id\":3}\n{\"order\":\"st");
        control.Look().ShouldBe(new Orders(true, null));
        control.Look().ShouldBe(default);

        File.AppendAllText(scratch["control"], "op\",\"by\":\"2026-01-01T00:00:00Z\"}\n{\"order\":\"checkpoint\",\"id\":3}\nnonsense\n{\"order\":\"dance\"}\n");
        control.Look().ShouldBe(new Orders(false, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void A_stop_order_leaves_with_a_checkpoint_and_85()
    {
        File.WriteAllText(scratch["control"], "{\"order\":\"stop\",\"by\":\"2026-01-01T00:00:00Z\"}\n");

        Runs.Run(Runs.Options(scratch["run"]) with { Pace = 30 }, new RunEnvironment { ControlFile = scratch["control"] }).ShouldBe(ExitCode.Left);

        CheckCommand.Run(scratch["run/checkpoints"], TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.Done);
    }

    [Fact]
    public void The_end_of_the_allocation_leaves_with_a_checkpoint_and_85()
    {
        var environment = new RunEnvironment { EndTime = TimeProvider.System.GetUtcNow() };

        Runs.Run(Runs.Options(scratch["run"]) with { Pace = 30 }, environment).ShouldBe(ExitCode.Left);

        CheckCommand.Run(scratch["run/checkpoints"], TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.Done);
    }

    [Fact]
    public void The_restore_directory_of_the_environment_resumes()
    {
        Runs.Run(Runs.Options(scratch["whole"])).ShouldBe(ExitCode.Done);
        Runs.Run(Runs.Options(scratch["one"]) with { UntilStep = 40 }).ShouldBe(ExitCode.Left);

        var environment = RunEnvironment.Read(name => name switch
        {
            "ORCHESTRATOR_RESTORE_DIR" => scratch["one/checkpoints/step-00000040"],
            "ORCHESTRATOR_CONTROL_FILE" => "",
            "OMP_NUM_THREADS" => "2",
            _ => null,
        });
        Runs.Run(Runs.Options(scratch["two"]), environment).ShouldBe(ExitCode.Done);

        Runs.ShouldBeIdentical(scratch["whole"], scratch["two"]);
    }

    [Fact]
    public async Task Term_ends_the_program_with_85_and_a_checkpoint()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there is no TERM on Windows");
        using var process = Start("run", "--grid", "16x8", "--steps", "100000", "--pace", "5", "--output", scratch["run"]);
        (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull();

        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.ShouldBe(ExitCode.Left);
        CheckCommand.Run(scratch["run/checkpoints"], TextWriter.Null, TextWriter.Null).ShouldBe(ExitCode.Done);
    }

    [Fact]
    public async Task A_killed_program_continues_to_the_bytes_of_an_undisturbed_one()
    {
        string[] Arguments(string output) =>
            ["run", "--grid", "16x8", "--steps", "400", "--history-every", "10", "--checkpoint-every", "20", "--pace", "1", "--output", scratch[output]];
        using (var whole = Start(Arguments("whole")))
        {
            await whole.WaitForExitAsync(TestContext.Current.CancellationToken);
            whole.ExitCode.ShouldBe(ExitCode.Done);
        }

        using (var killed = Start(Arguments("killed")))
        {
            using var watcher = new FileSystemWatcher(Directory.CreateDirectory(scratch["killed/checkpoints"]).FullName) { NotifyFilter = NotifyFilters.DirectoryName };
            var third = new TaskCompletionSource();
            watcher.Renamed += (_, renamed) => _ = string.CompareOrdinal(renamed.Name, "step-00000060") >= 0 && third.TrySetResult();
            watcher.EnableRaisingEvents = true;
            await Task.WhenAny(third.Task, killed.WaitForExitAsync(TestContext.Current.CancellationToken));
            killed.Kill();
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using var resumed = Start([.. Arguments("killed"), "--resume", scratch["killed/checkpoints"]]);
        await resumed.WaitForExitAsync(TestContext.Current.CancellationToken);

        resumed.ExitCode.ShouldBe(ExitCode.Done);
        Runs.ShouldBeIdentical(scratch["whole"], scratch["killed"]);
    }

    [Theory]
    [InlineData("--steps is 'many'", "--steps", "many")]
    [InlineData("--grid is '3x3'", "--grid", "3x3")]
    [InlineData("'--stepz' is no option", "--stepz", "4")]
    [InlineData("--pace needs a value", "--pace")]
    public void A_bad_option_is_named_with_what_is_allowed(string message, params string[] arguments) =>
        Should.Throw<UsageException>(() => RunOptions.Parse(arguments)).Message.ShouldStartWith(message);

    [Fact]
    public void The_history_is_read_back_and_diagnosed()
    {
        Runs.Run(Runs.Options(scratch["run"])).ShouldBe(ExitCode.Done);

        using var history = new NetCdfReader(scratch["run/history.nc"]);
        history.Records.ShouldBe(Runs.Steps / 7 + 1);
        history.Read("time", 8)[0].ShouldBe(56);
        history.Read("tas", 8).Length.ShouldBe(16 * 8);
        history.Read("tas", 8).Average().ShouldBeInRange(250, 320);
        history.Read("lat").ShouldBeInOrder();
        Diagnostics.Of(history).Step.ShouldBe(56);
        CompareCommand.Run(scratch["run/history.nc"], scratch["run/history.nc"], TextWriter.Null).ShouldBe(ExitCode.Done);
    }

    [Fact]
    public async Task Ncdump_reads_the_history()
    {
        var ncdump = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, "ncdump")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(ncdump is null, "ncdump is not installed");
        Runs.Run(Runs.Options(scratch["run"])).ShouldBe(ExitCode.Done);

        using var process = Process.Start(new ProcessStartInfo(ncdump!, ["-v", "step", scratch["run/history.nc"]]) { RedirectStandardOutput = true })!;
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        process.ExitCode.ShouldBe(0);
        text.ShouldContain("time = UNLIMITED ; // (9 currently)");
        text.ShouldContain("step = 0, 7, 14, 21, 28, 35, 42, 49, 56 ;");
    }

    public void Dispose() => scratch.Dispose();

    private static Process Start(params string[] arguments)
    {
        var program = Path.ChangeExtension(typeof(RunCommand).Assembly.Location, OperatingSystem.IsWindows() ? "exe" : null);
        return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
    }
}
