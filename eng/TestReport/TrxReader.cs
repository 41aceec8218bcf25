using System.Globalization;
using System.Xml.Linq;

namespace Orchestrator.TestReport;

/// <summary>Reads the TRX files that xunit's own runner and VSTest write.</summary>
internal static class TrxReader
{
    private static readonly XNamespace Trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    public static IReadOnlyList<TestResult> Read(string project, string file)
    {
        var run = XDocument.Load(file).Root!;
        var classes = run.Descendants(Trx + "UnitTest").ToLookup(
            test => (string?)test.Attribute("id") ?? "",
            test => (string?)test.Element(Trx + "TestMethod")?.Attribute("className") ?? "");
        return [.. run.Descendants(Trx + "UnitTestResult").Select(result => Read(project, classes, result))];
    }

    private static TestResult Read(string project, ILookup<string, string> classes, XElement result)
    {
        var name = (string)result.Attribute("testName")!;
        var output = result.Element(Trx + "Output");
        var text = ((string?)output?.Element(Trx + "StdOut") ?? "").Trim();
        var error = output?.Element(Trx + "ErrorInfo");
        var message = ((string?)error?.Element(Trx + "Message") ?? "").Trim();
        var outcome = (string?)result.Attribute("outcome") switch
        {
            "Passed" => TestOutcome.Passed,
            "NotExecuted" => TestOutcome.Skipped,
            _ => TestOutcome.Failed,
        };
        return new TestResult
        {
            Id = $"{project}/{name}",
            Class = classes[(string?)result.Attribute("testId") ?? ""].FirstOrDefault() ?? "",
            Outcome = outcome,
            Duration = TimeSpan.TryParse((string?)result.Attribute("duration"), CultureInfo.InvariantCulture, out var duration) ? duration : TimeSpan.Zero,
            // xunit's own runner writes the reason of a skip as output, VSTest as an error.
            Message = outcome switch
            {
                TestOutcome.Passed => "",
                TestOutcome.Skipped when message.Length == 0 => text,
                _ => message,
            },
            Details = outcome == TestOutcome.Failed
                ? string.Join('\n', new[] { (string?)error?.Element(Trx + "StackTrace"), text }.Where(part => !string.IsNullOrWhiteSpace(part)))
                : "",
        };
    }
}
