using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Core.Scheduling.Hooks;

/// <summary>
/// Reads what a hook answers: <c>{"attempts":[{"attempt":"s-1/run@1","priority":0.9,"reason":"…"},{"attempt":"s-2/run@1","veto":true}]}</c>. What is wrong with one item is named, and that item
/// alone is ignored; only an answer that is no such object at all is a failure. An attempt that is not named is neither moved nor vetoed.
/// </summary>
public static class HookAnswer
{
    /// <summary>So many ignored items are named.</summary>
    public const int IgnoredMax = 20;

    /// <summary>Letters of a reason that are kept.</summary>
    public const int ReasonMax = 200;

    /// <summary>The verdicts of an answer; the last ones with the error, when it is no answer.</summary>
    public static HookVerdicts Read(string text, HookQuestion question, HookVerdicts last, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(last);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("attempts", out var items) && items.ValueKind == JsonValueKind.Array
                ? Read(items, question, now)
                : last.Failed("the answer is no object with a list \"attempts\"", now);
        }
        catch (JsonException error)
        {
            var line = (error.LineNumber ?? 0) + 1;
            return last.Failed(string.Create(CultureInfo.InvariantCulture, $"the answer is no JSON (line {line})"), now);
        }
    }

    private static HookVerdicts Read(JsonElement items, HookQuestion question, DateTimeOffset now)
    {
        var verdicts = ImmutableSortedDictionary.CreateBuilder<string, HookVerdict>();
        var ignored = ImmutableArray.CreateBuilder<string>();
        var index = 0;
        foreach (var item in items.EnumerateArray())
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"attempts[{index++}]");
            if (Problem(item, question, verdicts, out var attempt, out var verdict) is { } problem)
            {
                if (ignored.Count < IgnoredMax)
                {
                    ignored.Add($"{at}{problem}");
                }
            }
            else
            {
                verdicts.Add(attempt, verdict);
            }
        }

        return new() { Verdicts = verdicts.ToImmutable(), SaidAt = now, Ignored = ignored.ToImmutable() };
    }

    private static string? Problem(JsonElement item, HookQuestion question, ImmutableSortedDictionary<string, HookVerdict>.Builder said, out string attempt, out HookVerdict verdict)
    {
        (attempt, verdict) = ("", new());
        if (item.ValueKind != JsonValueKind.Object)
        {
            return ": it is no object";
        }

        if (!item.TryGetProperty("attempt", out var name) || name.ValueKind != JsonValueKind.String)
        {
            return ".attempt: it is missing, or no text";
        }

        attempt = name.GetString()!;
        if (!question.Attempts.Contains(attempt))
        {
            return $".attempt: \"{Short(attempt)}\" was not asked about";
        }

        if (said.ContainsKey(attempt))
        {
            return $".attempt: \"{attempt}\" is there twice; the first counts";
        }

        double? priority = null;
        if (item.TryGetProperty("priority", out var number) && number.ValueKind != JsonValueKind.Null)
        {
            if (number.ValueKind != JsonValueKind.Number || !number.TryGetDouble(out var value) || value is not (>= 0 and <= 1))
            {
                return $".priority of {attempt}: {Short(number.GetRawText())} is not allowed; allowed: 0 to 1";
            }

            priority = value;
        }

        var veto = false;
        if (item.TryGetProperty("veto", out var flag) && flag.ValueKind != JsonValueKind.Null)
        {
            if (flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            {
                return $".veto of {attempt}: {Short(flag.GetRawText())} is not allowed; allowed: true, false";
            }

            veto = flag.GetBoolean();
        }

        var reason = item.TryGetProperty("reason", out var words) && words.ValueKind == JsonValueKind.String ? Short(words.GetString()!) : "";
        verdict = new() { Priority = priority, Veto = veto, Reason = reason };
        return null;
    }

    private static string Short(string text) => text.Length <= ReasonMax ? text : text[..ReasonMax];
}
