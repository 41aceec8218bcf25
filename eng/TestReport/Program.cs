using System.Globalization;
using Orchestrator.TestReport;

var options = TestOptions.Parse(args);
var clock = TimeProvider.System;
var started = clock.GetTimestamp();
var resultsFile = Path.Combine(options.Results, "test-results.json");
var earlier = ResultFiles.ReadSeconds(resultsFile);
var expected = ExpectedSkips.Read(Path.Combine(options.Root, "eng", "expected-skips.txt"), options.Engine);
var runner = new ProjectRunner(options, clock);
var gate = new Lock();
var finished = new List<ProjectResult>();

if (options.Long)
{
    Environment.SetEnvironmentVariable("ORCHESTRATOR_LONG_TESTS", "1");
}

// The longest first, so that the last one to end is a short one. On a fresh clone nothing is known but which ones these are.
string[] longest = ["Orchestrator.EndToEnd.Tests", "Orchestrator.Core.Tests", "Orchestrator.Simulation.Tests"];
await Parallel.ForEachAsync(
    options.Projects
        .OrderByDescending(project => earlier.GetValueOrDefault(project, double.MaxValue))
        .ThenBy(project => (uint)Array.IndexOf(longest, project))
        .ThenBy(project => project, StringComparer.Ordinal),
    new ParallelOptions { MaxDegreeOfParallelism = options.AtOnce },
    async (project, _) =>
    {
        var result = await runner.RunAsync(project);
        lock (gate)
        {
            finished.Add(result);
            Show(result);
        }
    });

var projects = finished.OrderBy(project => project.Name, StringComparer.Ordinal).ToList();
var skips = projects.SelectMany(project => project.Tests).Where(test => test.Outcome == TestOutcome.Skipped).ToList();
var unexpected = skips.Where(skip => !expected.Contains(skip)).ToList();
if (options.UnexpectedSkipsFail && unexpected.Count > 0)
{
    projects = [.. projects.Select(project => project with { Tests = [.. project.Tests.Select(test => unexpected.Contains(test) ? test with { Outcome = TestOutcome.Failed, Message = "unexpected skip: " + test.Message } : test)] })];
}

var elapsed = clock.GetElapsedTime(started);
ResultFiles.WriteJson(resultsFile, options, elapsed, projects);
ResultFiles.WriteJUnit(Path.Combine(options.Results, "test-results.xml"), elapsed, projects);
var lowCount = 0;
if (options.Coverage)
{
    var components = CoverageReport.Merge(options.Projects.SelectMany(project => Directory.EnumerateFiles(Path.Combine(options.Work, project), "coverage.json", SearchOption.AllDirectories)));
    ResultFiles.WriteCoverage(Path.Combine(options.Results, "coverage.json"), components);
    Console.WriteLine();
    Console.WriteLine("lines covered, by component:");
    foreach (var component in components)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {component.Name,-44} {component.Percent,5:0.0} %  {component.Covered,6} of {component.Lines,6}"));
        if (options.Whole && CoverageReport.Floors.TryGetValue(component.Name, out var floor) && component.Percent < floor)
        {
            lowCount++;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  FAILED {component.Name}: at least {floor:0.0} % are asked for"));
        }
    }
}

if (skips.Count > 0)
{
    Console.WriteLine();
    foreach (var skip in skips)
    {
        Console.WriteLine($"{(unexpected.Contains(skip) ? "skipped (not expected)" : "skipped")}: {skip.Id}: {skip.Message}");
    }
}

if (options.UnexpectedSkipsFail && unexpected.Count > 0)
{
    Console.WriteLine("A skip that eng/expected-skips.txt does not list counts as failed here.");
}

var passedCount = projects.Sum(project => project.Count(TestOutcome.Passed));
var failedCount = projects.Sum(project => project.Count(TestOutcome.Failed)) + lowCount;
var skippedCount = projects.Sum(project => project.Count(TestOutcome.Skipped));
if (passedCount + failedCount + skippedCount == 0)
{
    Console.WriteLine("No test matched.");
}

Console.WriteLine();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:0} s, engine {options.Engine}; artifacts/test-results.json, artifacts/test-results.xml{(options.Coverage ? ", artifacts/coverage.json" : "")}"));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passedCount} passed, {failedCount} failed{(skippedCount > 0 ? $", {skippedCount} skipped" : "")}"));
return failedCount > 0 || passedCount == 0 ? 1 : 0;

static void Show(ProjectResult project)
{
    var skipped = project.Count(TestOutcome.Skipped);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{project.Name,-36} {project.Count(TestOutcome.Passed),5} passed, {project.Count(TestOutcome.Failed)} failed{(skipped > 0 ? $", {skipped} skipped" : "")}  {project.Elapsed.TotalSeconds:0.0} s"));
    foreach (var test in project.Tests.Where(test => test.Outcome == TestOutcome.Failed))
    {
        Console.WriteLine($"  FAILED {test.Id}");
        Indent(test.Message);
        Indent(test.Details);
    }

    if (project.Fault is not null)
    {
        Console.WriteLine($"  FAILED {project.Name}");
        Indent(project.Fault);
    }

    if (project.LeftBehind > 0)
    {
        Console.WriteLine($"  left {project.LeftBehind.ToString(CultureInfo.InvariantCulture)} processes behind, which were killed");
    }
}

static void Indent(string text)
{
    foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
    {
        Console.WriteLine("    " + line.TrimEnd());
    }
}
