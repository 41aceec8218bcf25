using System.Globalization;
using System.Text.Json;
using System.Xml;

namespace Orchestrator.TestReport;

/// <summary>Writes what other programs read: test-results.json, test-results.xml (JUnit) and coverage.json.</summary>
internal static class ResultFiles
{
    public static void WriteJson(string file, TestOptions options, TimeSpan elapsed, IReadOnlyList<ProjectResult> projects)
    {
        Write(file, json =>
        {
            json.WriteStartObject("summary");
            json.WriteNumber("passed", projects.Sum(project => project.Count(TestOutcome.Passed)));
            json.WriteNumber("failed", projects.Sum(project => project.Count(TestOutcome.Failed)));
            json.WriteNumber("skipped", projects.Sum(project => project.Count(TestOutcome.Skipped)));
            json.WriteNumber("seconds", Seconds(elapsed));
            json.WriteString("engine", options.Engine);
            json.WriteEndObject();
            json.WriteStartArray("projects");
            foreach (var project in projects)
            {
                json.WriteStartObject();
                json.WriteString("name", project.Name);
                json.WriteNumber("seconds", Seconds(project.Elapsed));
                if (project.Fault is not null)
                {
                    json.WriteString("fault", project.Fault);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("tests");
            foreach (var test in Tests(projects))
            {
                json.WriteStartObject();
                json.WriteString("id", test.Id);
                json.WriteString("outcome", Word(test.Outcome));
                json.WriteNumber("seconds", Seconds(test.Duration));
                if (test.Message.Length > 0)
                {
                    json.WriteString(test.Outcome == TestOutcome.Skipped ? "reason" : "message", test.Message);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    public static void WriteJUnit(string file, TimeSpan elapsed, IReadOnlyList<ProjectResult> projects)
    {
        // Output of a failed test may hold characters that XML cannot.
        static string Clean(string text) => new([.. text.Select(character => XmlConvert.IsXmlChar(character) || char.IsSurrogate(character) ? character : '?')]);
        using var xml = XmlWriter.Create(file, new XmlWriterSettings { Indent = true, CheckCharacters = false });
        xml.WriteStartElement("testsuites");
        Counts(xml, elapsed, projects);
        foreach (var project in projects)
        {
            xml.WriteStartElement("testsuite");
            xml.WriteAttributeString("name", project.Name);
            Counts(xml, project.Elapsed, [project]);
            foreach (var test in Tests([project]))
            {
                xml.WriteStartElement("testcase");
                xml.WriteAttributeString("classname", test.Class);
                xml.WriteAttributeString("name", Clean(test.Id[(project.Name.Length + 1)..]));
                xml.WriteAttributeString("time", Text(test.Duration));
                if (test.Outcome == TestOutcome.Skipped)
                {
                    xml.WriteStartElement("skipped");
                    xml.WriteAttributeString("message", Clean(test.Message));
                    xml.WriteEndElement();
                }
                else if (test.Outcome == TestOutcome.Failed)
                {
                    xml.WriteStartElement("failure");
                    xml.WriteAttributeString("message", Clean(test.Message));
                    xml.WriteString(Clean(test.Details));
                    xml.WriteEndElement();
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    public static void WriteCoverage(string file, IReadOnlyList<CoverageReport.Component> components)
    {
        Write(file, json =>
        {
            json.WriteStartArray("components");
            foreach (var component in components)
            {
                json.WriteStartObject();
                json.WriteString("name", component.Name);
                json.WriteNumber("lines", component.Lines);
                json.WriteNumber("covered", component.Covered);
                json.WriteNumber("percent", component.Percent);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>Seconds of each project in an earlier run, to start the longest first; empty if there is none.</summary>
    public static IReadOnlyDictionary<string, double> ReadSeconds(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.GetProperty("projects").EnumerateArray()
                .ToDictionary(project => project.GetProperty("name").GetString()!, project => project.GetProperty("seconds").GetDouble());
        }
        catch (Exception none) when (none is IOException or JsonException or KeyNotFoundException)
        {
            return new Dictionary<string, double>();
        }
    }

    /// <summary>All tests, and a project's fault as one more that failed, so that the counts agree everywhere.</summary>
    private static IEnumerable<TestResult> Tests(IEnumerable<ProjectResult> projects) => projects.SelectMany(project => project.Fault is null
        ? project.Tests
        : project.Tests.Append(new TestResult
        {
            Id = $"{project.Name}/(project)",
            Class = project.Name,
            Outcome = TestOutcome.Failed,
            Duration = project.Elapsed,
            Message = project.Fault,
        }));

    private static void Counts(XmlWriter xml, TimeSpan elapsed, IReadOnlyList<ProjectResult> projects)
    {
        var failed = projects.Sum(project => project.Count(TestOutcome.Failed));
        var skipped = projects.Sum(project => project.Count(TestOutcome.Skipped));
        var passed = projects.Sum(project => project.Count(TestOutcome.Passed));
        xml.WriteAttributeString("tests", (passed + failed + skipped).ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("failures", failed.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("skipped", skipped.ToString(CultureInfo.InvariantCulture));
        xml.WriteAttributeString("time", Text(elapsed));
    }

    private static void Write(string file, Action<Utf8JsonWriter> body)
    {
        using var stream = File.Create(file);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        body(json);
        json.WriteEndObject();
    }

    private static string Word(TestOutcome outcome) => outcome switch
    {
        TestOutcome.Passed => "passed",
        TestOutcome.Skipped => "skipped",
        _ => "failed",
    };

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static string Text(TimeSpan time) => time.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
}
