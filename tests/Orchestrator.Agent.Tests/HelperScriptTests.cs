using System.Diagnostics;
using Orchestrator.Agent.Programs;

namespace Orchestrator.Agent.Tests;

public class HelperScriptTests
{
    [Theory]
    [InlineData("progress 0.4 step=1200 tas=287.1", """{"progress":0.4,"step":1200,"metrics":{"tas":287.1}}""")]
    [InlineData("progress 1.000 step=0", """{"progress":1.000,"step":0}""")]
    [InlineData("progress .5 peak=.25 low=-.5 big=1.5e+10 odd=NaN", """{"progress":0.5,"metrics":{"peak":0.25,"low":-0.5,"big":1.5e+10,"odd":null}}""")]
    [InlineData("checkpoint /somewhere/step-00001600/", """{"checkpoint":"step-00001600"}""")]
    [InlineData("artifact preview.png", """{"artifact":"preview.png"}""")]
    [InlineData("artifact /run/preview.png quality=.5 seconds=12", """{"artifact":"/run/preview.png","quality":0.5,"seconds":12}""")]
    [InlineData("checkpoint step-1", """{"checkpoint":"step-1"}""")]
    public async Task A_call_appends_one_line_that_the_agent_reads(string words, string line)
    {
        using var run = new HelperRun();

        (await run.CallAsync(words)).ShouldBe((0, ""));

        File.ReadAllText(run.Progress).ShouldBe(line + "\n");
        ProgressLine.Parse(File.ReadAllBytes(run.Progress)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("progress")]
    [InlineData("progress half")]
    [InlineData("progress 1.5")]
    [InlineData("progress -0.1")]
    [InlineData("progress 0.5 step")]
    [InlineData("progress 0.5 step=1.5")]
    [InlineData("progress 0.5 tas=warm")]
    [InlineData("progress 0.5 a\"b=1")]
    [InlineData("checkpoint")]
    [InlineData("checkpoint step.partial")]
    [InlineData("artifact")]
    [InlineData("artifact a\"b")]
    [InlineData("artifact a.png quality=good")]
    [InlineData("artifact a.png colour=1")]
    [InlineData("preview now")]
    [InlineData("unknown")]
    public async Task Wrong_arguments_exit_with_2_and_write_nothing(string words)
    {
        using var run = new HelperRun();

        (await run.CallAsync(words)).Status.ShouldBe(2);

        File.Exists(run.Progress).ShouldBeFalse();
    }

    [Fact]
    public async Task Should_stop_says_yes_only_after_an_order_to_stop()
    {
        using var run = new HelperRun();
        var control = new ControlFile(run.Control);

        (await run.CallAsync("should-stop")).Status.ShouldBe(1);
        control.OrderCheckpoint(1);
        (await run.CallAsync("should-stop")).Status.ShouldBe(1);
        control.OrderStop(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero), Core.Simulations.StopReason.Pause);
        (await run.CallAsync("should-stop")).Status.ShouldBe(0);
    }

    [Fact]
    public async Task Preview_prints_the_newest_order_or_nothing()
    {
        using var run = new HelperRun();
        var control = new ControlFile(run.Control);

        (await run.CallAsync("preview")).ShouldBe((1, ""));
        control.OrderPreview(1, 10, "/data/a b/progressive_10pct_1");
        control.OrderPreview(2, 25, "/data/a b/progressive_25pct_2");
        control.OrderCheckpoint(1);

        (await run.CallAsync("preview")).ShouldBe((0, "2 25 /data/a b/progressive_25pct_2\n"));
    }

    [Fact]
    public async Task Restore_dir_prints_the_checkpoint_or_nothing()
    {
        using var run = new HelperRun();

        (await run.CallAsync("restore-dir")).ShouldBe((0, ""));
        (await run.CallAsync("restore-dir", ("ORCHESTRATOR_RESTORE_DIR", "/data/a b"))).ShouldBe((0, "/data/a b\n"));
    }

    private sealed class HelperRun : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-helper-test-").FullName;

        public string Progress => Path.Combine(folder, "progress.jsonl");

        public string Control => Path.Combine(folder, "control.jsonl");

        public async Task<(int Status, string Output)> CallAsync(string words, params (string Name, string Value)[] environment)
        {
            var start = new ProcessStartInfo("/bin/sh", [Path.Combine(AppContext.BaseDirectory, "orchestrator-report"), .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = folder,
            };
            start.Environment["ORCHESTRATOR_PROGRESS_FILE"] = Progress;
            start.Environment["ORCHESTRATOR_CONTROL_FILE"] = Control;
            start.Environment.Remove("ORCHESTRATOR_RESTORE_DIR");
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }

            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, output);
        }

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}
