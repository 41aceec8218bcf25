using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Climate.Tests;

/// <summary>The programs in other languages: plain, and with a stand-in for the helper that records its calls.</summary>
public sealed class HelperExamplesTests : IDisposable
{
    private readonly Scratch scratch = new();

    [Fact]
    public async Task The_python_program_leaves_when_asked_and_continues_with_the_same_digits()
    {
        var python = OnPath("python3");
        Assert.SkipWhen(python is null, "python3 is not installed");
        string[] command = [python!, Example("python/pi.py"), "--batches", "6", "--darts", "500"];

        await Leaves_and_continues(command, "pi.json", "checkpoints/batch-00000001");
    }

    [Fact]
    public async Task The_renderer_shows_what_it_has_and_continues_with_the_same_bytes()
    {
        var python = OnPath("python3");
        Assert.SkipWhen(python is null, "python3 is not installed");
        string[] command = [python!, Example("render/render.py"), "--width", "16", "--height", "9", "--passes", "4"];
        (await Run(command)).ShouldBe(0);
        var whole = await File.ReadAllBytesAsync(scratch["frame.png"], TestContext.Current.CancellationToken);
        File.Delete(scratch["frame.png"]);
        await File.WriteAllTextAsync(
            scratch["control"],
            $"{{\"order\":\"preview\",\"level\":50,\"id\":1,\"path\":\"{scratch["progressive_50pct_1"]}\"}}\n{{\"order\":\"stop\",\"by\":\"2030-01-01T00:00:00Z\"}}\n{{\"order\":\"prev",
            TestContext.Current.CancellationToken);

        (await Run(command, control: scratch["control"], progress: scratch["progress"])).ShouldBe(85);

        (await File.ReadAllBytesAsync(scratch["progressive_50pct_1.png"], TestContext.Current.CancellationToken)).AsSpan(16, 8).ToArray().ShouldBe([0, 0, 0, 8, 0, 0, 0, 4], "half of its width and height");
        var said = await File.ReadAllTextAsync(scratch["progress"], TestContext.Current.CancellationToken);
        said.ShouldContain("{\"artifact\": \"progressive_50pct_1.png\", \"quality\": 0.5, \"seconds\": ");
        said.ShouldContain("{\"checkpoint\": \"pass-000001\"");
        (await Run(command, restore: scratch["checkpoints/pass-000001"])).ShouldBe(0);
        (await File.ReadAllBytesAsync(scratch["frame.png"], TestContext.Current.CancellationToken)).ShouldBe(whole);
    }

    [Fact]
    public async Task The_fortran_program_leaves_when_asked_and_continues_with_the_same_bits()
    {
        var compiler = OnPath("gfortran");
        Assert.SkipWhen(compiler is null, "gfortran is not installed");
        (await Run([compiler!, "-O2", "-o", scratch["heat"], Example("fortran/heat.f90")])).ShouldBe(0);

        await Leaves_and_continues([scratch["heat"]], "heat.txt", "checkpoints/step-00000500");
    }

    public void Dispose() => scratch.Dispose();

    private async Task Leaves_and_continues(string[] command, string output, string checkpoint)
    {
        (await Run(command)).ShouldBe(0);
        var whole = await File.ReadAllBytesAsync(scratch[output], TestContext.Current.CancellationToken);
        File.Delete(scratch[output]);
        Directory.Exists(scratch[checkpoint]).ShouldBeFalse("nobody asked for a checkpoint");

        Directory.CreateDirectory(scratch["bin"]);
        await File.WriteAllTextAsync(
            scratch["bin/orchestrator-report"],
            $"#!/bin/sh\necho \"$*\" >> '{scratch["calls"]}'\ncase $1 in should-stop) test -e '{scratch["stop"]}';; esac\n",
            TestContext.Current.CancellationToken);
        (await Run(["chmod", "+x", scratch["bin/orchestrator-report"]])).ShouldBe(0);
        await File.WriteAllTextAsync(scratch["stop"], "", TestContext.Current.CancellationToken);
        (await Run(command)).ShouldBe(85);
        File.Exists(scratch[output]).ShouldBeFalse();
        Directory.Exists(scratch[checkpoint]).ShouldBeTrue();

        File.Delete(scratch["stop"]);
        (await Run(command, restore: scratch[checkpoint])).ShouldBe(0);

        (await File.ReadAllBytesAsync(scratch[output], TestContext.Current.CancellationToken)).ShouldBe(whole);
        var calls = await File.ReadAllLinesAsync(scratch["calls"], TestContext.Current.CancellationToken);
        calls.ShouldContain(line => line.StartsWith("checkpoint ", StringComparison.Ordinal) && line.EndsWith(Path.GetFileName(checkpoint), StringComparison.Ordinal));
        calls.ShouldContain(line => line.StartsWith("progress 1.0000 step=", StringComparison.Ordinal));
    }

    private async Task<int> Run(string[] command, string? restore = null, string? control = null, string? progress = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = scratch["."], RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("ORCHESTRATOR_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["PATH"] = $"{scratch["bin"]}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["ORCHESTRATOR_RESTORE_DIR"] = restore ?? "";
        start.Environment["ORCHESTRATOR_CONTROL_FILE"] = control ?? "";
        start.Environment["ORCHESTRATOR_PROGRESS_FILE"] = progress ?? "";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if (process.ExitCode is not (0 or 85))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(await errors);
        }

        return process.ExitCode;
    }

    private static string? OnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, name)).FirstOrDefault(File.Exists);

    private static string Example(string name, [CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../examples", name));
}
