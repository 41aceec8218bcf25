using System.Diagnostics;
using System.Globalization;
using System.Xml;

namespace Orchestrator.TestReport;

/// <summary>
/// Runs one test project in a process of its own. Plain runs start the test program itself; a filter in VSTest's
/// language and coverage go through VSTest, which costs some 2 s more per project.
/// </summary>
internal sealed class ProjectRunner(TestOptions options, TimeProvider clock)
{
    /// <summary>Lines shown of each end of the output of a project that crashed or hung: a crash says why first.</summary>
    private const int ShownLines = 20;

    /// <summary>
    /// These start the product as processes of their own, sometimes two that end at once. An instrumented program
    /// writes its counts as it ends, all to one file, and whoever comes second crashes: so they run what was built,
    /// and neither the command nor the pilot is in any count.
    /// </summary>
    private static readonly string[] StartTheProduct = ["Orchestrator.Cli.Tests", "Orchestrator.EndToEnd.Tests", "Orchestrator.Pilot.Tests"];

    /// <summary>Whole worlds by seed, which search and cover no line that Core's own tests do not: counting would only slow the search down.</summary>
    private static readonly string[] Search = ["Orchestrator.Simulation.Tests"];

    public async Task<ProjectResult> RunAsync(string project)
    {
        var started = clock.GetTimestamp();
        var work = Path.Combine(options.Work, project);
        if (Directory.Exists(work))
        {
            Directory.Delete(work, recursive: true);
        }

        Directory.CreateDirectory(work);
        var outputs = options.Outputs(project);
        var program = Path.Combine(outputs, project + ".dll");
        if (!File.Exists(program))
        {
            return Result(project, started, [], $"{program} was not built");
        }

        var results = Path.Combine(work, "results.trx");
        var log = Path.Combine(work, "output.log");
        var mark = $"{project}-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";
        var (exitCode, timedOut) = await RunAsync(Start(project, outputs, work, results, mark), log);
        var left = LeftProcesses.Kill(mark);

        IReadOnlyList<TestResult> tests = [];
        string? fault = null;
        try
        {
            tests = File.Exists(results) ? TrxReader.Read(project, results) : [];
        }
        catch (XmlException broken)
        {
            fault = $"its results are damaged ({broken.Message})";
        }

        if (timedOut)
        {
            fault = string.Create(CultureInfo.InvariantCulture, $"it did not end within {options.Timeout.TotalMinutes:0.#} min and was killed");
        }
        else if (exitCode != 0 && !tests.Any(test => test.Outcome == TestOutcome.Failed))
        {
            fault ??= $"it crashed (exit code {exitCode.ToString(CultureInfo.InvariantCulture)})";
        }
        else if (tests.Count == 0 && options.Filter is null)
        {
            fault ??= "it ran no tests";
        }

        if (fault is not null)
        {
            fault += "\n" + Excerpt(File.ReadAllLines(log));
        }

        return Result(project, started, tests, fault) with { LeftBehind = left };
    }

    private ProjectResult Result(string project, long started, IReadOnlyList<TestResult> tests, string? fault) =>
        new() { Name = project, Elapsed = clock.GetElapsedTime(started), Tests = tests, Fault = fault };

    private static string Excerpt(string[] lines)
    {
        const int width = 300;
        var shown = lines.Length <= 2 * ShownLines ? lines : [.. lines[..ShownLines], "…", .. lines[^ShownLines..]];
        return string.Join('\n', shown.Select(line => line.Length <= width ? line : line[..width] + "…"));
    }

    private ProcessStartInfo Start(string project, string outputs, string work, string results, string mark)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = outputs,
            FileName = Path.Combine(outputs, project),
        };
        start.Environment[LeftProcesses.Mark] = mark;
        var coverage = options.Coverage && !StartTheProduct.Contains(project) && !Search.Contains(project);
        if (options.Filter is null && !coverage)
        {
            foreach (var argument in (string[])["-noColor", "-noLogo", "-trx", results])
            {
                start.ArgumentList.Add(argument);
            }

            if (!options.Long)
            {
                start.ArgumentList.Add("-trait-");
                start.ArgumentList.Add("Category=Long");
            }

            return start;
        }

        if (coverage)
        {
            // Instrumenting rewrites assemblies in place: never those that the build made.
            outputs = CopyOutputs(project, outputs);
            start.WorkingDirectory = outputs;
        }

        start.FileName = "dotnet";
        start.ArgumentList.Add("vstest");
        start.ArgumentList.Add(Path.Combine(outputs, project + ".dll"));
        start.ArgumentList.Add($"--logger:trx;LogFileName={results}");
        start.ArgumentList.Add($"--ResultsDirectory:{work}");
        string?[] filters = [options.Filter, options.Long ? null : "Category!=Long"];
        if (filters.Any(filter => filter is not null))
        {
            start.ArgumentList.Add("--TestCaseFilter:" + string.Join('&', filters.Where(filter => filter is not null).Select(filter => $"({filter})")));
        }

        if (coverage)
        {
            start.ArgumentList.Add("--collect:XPlat Code Coverage");
            start.ArgumentList.Add($"--TestAdapterPath:{CoverageCollector.Folder()}");
            start.ArgumentList.Add($"--TestAdapterPath:{outputs}");
            start.ArgumentList.Add($"--settings:{CoverageCollector.WriteSettings(work)}");
        }

        return start;
    }

    private string CopyOutputs(string project, string outputs)
    {
        // As deep as the original: tests look for the repository above them.
        var copy = Path.Combine(options.Root, "artifacts", options.Engine, "coverage", project, "release");
        if (Directory.Exists(copy))
        {
            Directory.Delete(copy, recursive: true);
        }

        foreach (var file in Directory.EnumerateFiles(outputs, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(outputs, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    private async Task<(int ExitCode, bool TimedOut)> RunAsync(ProcessStartInfo start, string log)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        await using var writer = new StreamWriter(log) { AutoFlush = true };
        var gate = TextWriter.Synchronized(writer);
        process.OutputDataReceived += (_, line) => Write(gate, line.Data);
        process.ErrorDataReceived += (_, line) => Write(gate, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        using var hung = new CancellationTokenSource(options.Timeout, clock);
        var timedOut = false;
        try
        {
            // WaitForExitAsync also waits for the pipes, which a program left behind may hold open: that counts as hung too.
            await process.WaitForExitAsync(hung.Token);
        }
        catch (OperationCanceledException)
        {
            timedOut = true;
            process.Kill(entireProcessTree: true);
            LeftProcesses.Kill(start.Environment[LeftProcesses.Mark]!);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        return (process.ExitCode, timedOut);
    }

    private static void Write(TextWriter writer, string? line)
    {
        if (line is not null)
        {
            writer.WriteLine(line);
        }
    }
}
