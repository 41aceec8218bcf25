using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads a YAML or JSON text of bounded size and depth, without aliases. It never throws for what the text says.</summary>
internal static class PlainYaml
{
    private const int DepthMax = 16;
    private const int LengthMax = 1 << 20;

    /// <summary>The root of the one document; null when the text is none, and the problems say why.</summary>
    public static YamlNode? Load(string text, ProblemList problems)
    {
        const string Allowed = "one YAML or JSON document";
        if (text.Length > LengthMax)
        {
            problems.Add(new Mark(0, 1, 1), "", $"the file has {text.Length} characters", $"at most {LengthMax}");
            return null;
        }

        try
        {
            if (!IsPlain(text, problems))
            {
                return null;
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1)
            {
                return stream.Documents[0].RootNode;
            }

            problems.Add(new Mark(0, 1, 1), "", $"the file has {stream.Documents.Count} documents", Allowed);
        }
        catch (YamlException fault)
        {
            problems.Add(fault.Start, "", $"it cannot be read: {fault.Message}", Allowed);
        }
        catch (Exception fault) when (fault is ArgumentException or FormatException or InvalidOperationException or IndexOutOfRangeException or NullReferenceException or OverflowException)
        {
            // The YAML library has places where malformed text ends in one of these, without a position.
            problems.Add(new Mark(0, 1, 1), "", $"it cannot be read: {fault.Message}", Allowed);
        }

        return null;
    }

    /// <summary>Looks at the events first, because the tree is built by recursion, and by a tree with aliases small files grow without bound.</summary>
    private static bool IsPlain(string text, ProblemList problems)
    {
        var parser = new Parser(new StringReader(text));
        var depth = 0;
        while (parser.MoveNext())
        {
            var seen = parser.Current!;
            depth += seen.NestingIncrease;
            if (depth > DepthMax + 2)
            {
                problems.Add(seen.Start, "", "the nesting is too deep", $"at most {DepthMax} levels");
                return false;
            }

            if (seen is AnchorAlias)
            {
                problems.Add(seen.Start, "", "aliases (*name) are not read", "\"defaults\" for what stages share");
                return false;
            }
        }

        return true;
    }
}
