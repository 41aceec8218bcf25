namespace Orchestrator.TestReport;

/// <summary>How one test ended.</summary>
internal enum TestOutcome
{
    Passed = 1,
    Failed = 2,
    Skipped = 3,
}

/// <summary>One test of one run.</summary>
internal sealed record TestResult
{
    /// <summary>Project, a slash, and the test's full name with its arguments: stable from run to run.</summary>
    public required string Id { get; init; }

    public required string Class { get; init; }

    public required TestOutcome Outcome { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Why it was skipped or failed; empty for a pass.</summary>
    public string Message { get; init; } = "";

    /// <summary>Stack trace and output of a failure.</summary>
    public string Details { get; init; } = "";
}

/// <summary>One test project after its run.</summary>
internal sealed record ProjectResult
{
    public required string Name { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required IReadOnlyList<TestResult> Tests { get; init; }

    /// <summary>Why the project as a whole failed (crash, time-out, no tests), or null. It counts as one failed test.</summary>
    public string? Fault { get; init; }

    /// <summary>Processes that the tests left behind and that were killed.</summary>
    public int LeftBehind { get; init; }

    public int Count(TestOutcome outcome) =>
        Tests.Count(test => test.Outcome == outcome) + (outcome == TestOutcome.Failed && Fault is not null ? 1 : 0);
}
