using System.Text.RegularExpressions;

namespace Orchestrator.TestReport;

/// <summary>The list eng/expected-skips.txt: an engine or *, a colon, and a pattern of the reason; # starts a comment.</summary>
internal sealed class ExpectedSkips
{
    private readonly IReadOnlyList<Regex> patterns;

    private ExpectedSkips(IReadOnlyList<Regex> patterns) => this.patterns = patterns;

    public static ExpectedSkips Read(string file, string engine)
    {
        var patterns = new List<Regex>();
        foreach (var line in File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                throw new InvalidDataException($"{file}: '{line}' has no engine; write Local:, Orleans: or *: before the pattern.");
            }

            if (line[..colon] == "*" || line[..colon] == engine)
            {
                patterns.Add(new Regex(line[(colon + 1)..].Trim(), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));
            }
        }

        return new ExpectedSkips(patterns);
    }

    public bool Contains(TestResult skipped) => patterns.Any(pattern => pattern.IsMatch(skipped.Message));
}
