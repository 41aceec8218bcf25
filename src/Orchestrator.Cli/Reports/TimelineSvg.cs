using System.Globalization;
using System.Security;
using Orchestrator.Core.Events;
using Orchestrator.Core.Simulations;

namespace Orchestrator.Cli.Reports;

/// <summary>The timeline as a picture: a band for each node, a bar for each attempt, a mark for each checkpoint, a red line for each loss.</summary>
internal static class TimelineSvg
{
    public const string FileName = "timeline.svg";

    private const double Left = 130;
    private const double Width = 1000;
    private const double Top = 60;
    private const double Lane = 20;
    private const double Gap = 8;

    /// <summary>Told apart by people who see colours differently, too (after Okabe and Ito).</summary>
    private static readonly string[] Colours = ["#56b4e9", "#0072b2", "#009e73", "#e69f00", "#cc79a7", "#d55e00", "#999999", "#f0e442"];

    public static void Write(Timeline timeline, TextWriter output)
    {
        var lanes = timeline.Nodes.Select(LanesOf).ToArray();
        var height = Top + lanes.Sum(static node => (node.Count * Lane) + Gap);
        var stages = timeline.Nodes.SelectMany(static node => node.Attempts).Select(static attempt => attempt.Stage).Distinct().ToArray();
        var seconds = Math.Max((timeline.To - timeline.From).TotalSeconds, 0.001);
        output.WriteLine(Line($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Left + Width + 30:0}\" height=\"{height + 30:0}\" font-family=\"sans-serif\" font-size=\"12\">"));
        output.WriteLine("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        output.WriteLine($"<text x=\"10\" y=\"20\" font-size=\"15\">{Escape(timeline.Title)}</text>");
        WriteLegend(stages, output);
        WriteAxis(seconds, height, output);
        var top = Top;
        for (var index = 0; index < lanes.Length; index++)
        {
            var node = timeline.Nodes[index];
            var band = lanes[index].Count * Lane;
            output.WriteLine(Line($"<text x=\"10\" y=\"{top + (band / 2) + 4:0.#}\">{Escape(node.Node)}</text>"));
            output.WriteLine(Line($"<rect x=\"{Left}\" y=\"{top:0.#}\" width=\"{Width}\" height=\"{band:0.#}\" fill=\"#f4f4f4\"/>"));
            for (var lane = 0; lane < lanes[index].Count; lane++)
            {
                foreach (var attempt in lanes[index][lane])
                {
                    WriteAttempt(attempt, top + (lane * Lane));
                }
            }

            foreach (var loss in node.Losses)
            {
                var x = X(loss.At);
                output.WriteLine(Line($"<g><title>{Escape($"{node.Node} lost")}</title><line x1=\"{x:0.#}\" y1=\"{top - 3:0.#}\" x2=\"{x:0.#}\" y2=\"{top + band + 3:0.#}\" stroke=\"#c00000\" stroke-width=\"3\"/><text x=\"{x + 5:0.#}\" y=\"{top + 13:0.#}\" fill=\"#c00000\">lost</text></g>"));
            }

            top += band + Gap;
        }

        output.WriteLine("</svg>");

        double X(DateTimeOffset at) => Left + (Width * Math.Clamp((at - timeline.From).TotalSeconds / seconds, 0, 1));

        void WriteAttempt(TimelineAttempt attempt, double y)
        {
            var (start, end) = (X(attempt.Start), X(attempt.End ?? timeline.To));
            var bad = attempt.Reason is AttemptEnd.NodeLost or AttemptEnd.Failed or AttemptEnd.LaunchRefused;
            var told = $"{attempt.Simulation} {attempt.Stage}, epoch {attempt.Epoch.ToString(CultureInfo.InvariantCulture)}: {(attempt.End is null ? "running" : ReportText.Word(attempt.Reason.ToString()))}{(attempt.Restored is { } name ? $", restored {name}" : "")}";
            output.WriteLine(Line($"<g><title>{Escape(told)}</title><rect x=\"{start:0.#}\" y=\"{y + 2:0.#}\" width=\"{Math.Max(end - start, 1):0.#}\" height=\"{Lane - 4}\" fill=\"{Colours[Array.IndexOf(stages, attempt.Stage) % Colours.Length]}\" stroke=\"{(bad ? "#c00000" : "white")}\" stroke-width=\"{(bad ? 2 : 1)}\"/>"));
            foreach (var checkpoint in attempt.IsLead ? attempt.Checkpoints : [])
            {
                output.WriteLine(Line($"<circle cx=\"{X(checkpoint.At):0.#}\" cy=\"{y + (Lane / 2):0.#}\" r=\"2.5\" fill=\"black\"><title>{Escape(checkpoint.Name)}</title></circle>"));
            }

            output.WriteLine("</g>");
        }
    }

    private static void WriteLegend(string[] stages, TextWriter output)
    {
        var x = Left;
        for (var index = 0; index < stages.Length; index++)
        {
            output.WriteLine(Line($"<rect x=\"{x:0}\" y=\"30\" width=\"12\" height=\"12\" fill=\"{Colours[index % Colours.Length]}\"/><text x=\"{x + 16:0}\" y=\"41\">{Escape(stages[index])}</text>"));
            x += 36 + (7 * stages[index].Length);
        }

        output.WriteLine(Line($"<circle cx=\"{x + 4:0}\" cy=\"36\" r=\"2.5\"/><text x=\"{x + 12:0}\" y=\"41\">checkpoint</text>"));
    }

    private static void WriteAxis(double seconds, double height, TextWriter output)
    {
        // The largest of 1, 2, 5 times a power of ten (from minutes on of 60) that gives ten lines or fewer.
        double[] steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400, 172800, 604800, 2592000];
        var step = steps.FirstOrDefault(candidate => seconds / candidate <= 10, Math.Ceiling(seconds / 10));
        for (var at = 0.0; at <= seconds; at += step)
        {
            var x = Left + (Width * at / seconds);
            output.WriteLine(Line($"<line x1=\"{x:0.#}\" y1=\"{Top - 6}\" x2=\"{x:0.#}\" y2=\"{height:0.#}\" stroke=\"#dddddd\"/><text x=\"{x:0.#}\" y=\"{height + 16:0.#}\" text-anchor=\"middle\">{Escape(at == 0 ? "0" : DurationWords.Of(TimeSpan.FromSeconds(at)))}</text>"));
        }
    }

    /// <summary>Attempts that overlap stand below each other.</summary>
    private static List<List<TimelineAttempt>> LanesOf(TimelineNode node)
    {
        var lanes = new List<List<TimelineAttempt>> { new() };
        foreach (var attempt in node.Attempts)
        {
            var lane = lanes.Find(lane => lane.Count == 0 || (lane[^1].End is { } end && end <= attempt.Start));
            if (lane is null)
            {
                lanes.Add(lane = []);
            }

            lane.Add(attempt);
        }

        return lanes;
    }

    private static string Line(FormattableString text) => FormattableString.Invariant(text);

    private static string Escape(string text) => SecurityElement.Escape(text)!;
}
