using System.Globalization;

namespace Orchestrator.Core.TaskSets;

/// <summary>
/// The indices of many tasks that are written down as one: a count N is 1 to N, a range A-B is what it says. Task 17 of <c>sweep</c> is <c>sweep-17</c>, and <c>{index}</c> in what
/// it runs is 17.
/// </summary>
[GenerateSerializer, Immutable, Alias("orchestrator.task-indices")]
public readonly record struct TaskIndices
{
    public const int CountMax = 1_000_000;
    public const int IndexMax = 1_000_000_000;
    public const string Allowed = "two whole numbers as 0-99, from 0 to 1000000000, the first not above the second, at most 1000000 of them";
    public const string Placeholder = "{index}";

    public TaskIndices(int first, int count)
    {
        First = first;
        Count = count;
    }

    [Id(0)] public int First { get; init; }

    [Id(1)] public int Count { get; init; }

    /// <summary>Reads <c>A-B</c>.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="indices">What it means.</param>
    /// <param name="problem">What is wrong with it, where it is.</param>
    public static bool TryParse(string text, out TaskIndices indices, out string problem)
    {
        indices = default;
        problem = "";
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0 || !IsIndex(text[..dash], out var first) || !IsIndex(text[(dash + 1)..], out var last))
        {
            problem = $"\"{text}\" is no range";
            return false;
        }

        if (first > last || last - first >= CountMax)
        {
            problem = first > last ? $"\"{text}\" ends before it begins" : string.Create(CultureInfo.InvariantCulture, $"\"{text}\" has {last - first + 1} indices");
            return false;
        }

        indices = new(first, last - first + 1);
        return true;
    }

    public static string NameOf(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}-{index}");

    /// <summary>The text for one of them.</summary>
    public static string Fill(string text, int index) =>
        text.Contains(Placeholder, StringComparison.Ordinal) ? text.Replace(Placeholder, index.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : text;

    private static bool IsIndex(string text, out int index) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index <= IndexMax;
}
