namespace Orchestrator.TestReport;

/// <summary>What ./test asks for. Every option has the form <c>--name=value</c>.</summary>
internal sealed record TestOptions
{
    /// <summary>Top of the repository.</summary>
    public required string Root { get; init; }

    /// <summary>Engine whose outputs are tested: Local or Orleans.</summary>
    public required string Engine { get; init; }

    /// <summary>Names of the test projects to run, each a folder under tests/.</summary>
    public required IReadOnlyList<string> Projects { get; init; }

    /// <summary>Tests with the trait Category=Long run too.</summary>
    public bool Long { get; init; }

    /// <summary>Line coverage is collected.</summary>
    public bool Coverage { get; init; }

    /// <summary>All tests run, so that coverage has to reach its floors.</summary>
    public bool Whole { get; init; }

    /// <summary>A skip that eng/expected-skips.txt does not list is a failure.</summary>
    public bool UnexpectedSkipsFail { get; init; }

    /// <summary>A filter in VSTest's language, or null.</summary>
    public string? Filter { get; init; }

    /// <summary>How long one project may run before it is killed as hung.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(12);

    /// <summary>Projects that run at the same time.</summary>
    public int AtOnce { get; init; } = 2;

    public string Results => Path.Combine(Root, "artifacts");

    public string Work => Path.Combine(Root, "artifacts", Engine, "test-runs");

    public string Outputs(string project) => Path.Combine(Root, "artifacts", Engine, "bin", project, "release");

    public static TestOptions Parse(IEnumerable<string> arguments)
    {
        var options = new TestOptions { Root = "", Engine = "", Projects = [] };
        foreach (var argument in arguments)
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (argument, "") : (argument[..equals], argument[(equals + 1)..]);
            options = name switch
            {
                "--root" => options with { Root = Path.GetFullPath(value) },
                "--engine" => options with { Engine = value },
                "--project" => options with { Projects = [.. options.Projects, value] },
                "--long" => options with { Long = true },
                "--coverage" => options with { Coverage = true },
                "--whole" => options with { Whole = true },
                "--unexpected-skips-fail" => options with { UnexpectedSkipsFail = true },
                "--filter" => options with { Filter = value },
                "--timeout-minutes" => options with { Timeout = TimeSpan.FromMinutes(double.Parse(value, System.Globalization.CultureInfo.InvariantCulture)) },
                "--at-once" => options with { AtOnce = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException($"Unknown option {argument}."),
            };
        }

        if (options.Root.Length == 0 || options.Engine.Length == 0 || options.Projects.Count == 0)
        {
            throw new ArgumentException("--root, --engine and --project are needed.");
        }

        return options;
    }
}
