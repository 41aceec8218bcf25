namespace Orchestrator.Definitions;

/// <summary>Which known word was probably meant.</summary>
internal static class Nearest
{
    public static string To(string word, IEnumerable<string> known) => known.MinBy(candidate => Distance(word, candidate)) ?? "";

    /// <summary>Levenshtein's: letters to insert, drop or replace. Long words are cut, they are near to nothing anyway.</summary>
    private static int Distance(string left, string right)
    {
        left = left.Length > 80 ? left[..80] : left;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(cost, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
