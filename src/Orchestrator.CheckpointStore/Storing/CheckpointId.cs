using System.Buffers;
using System.Globalization;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Ids of checkpoints: name, sequence and what makes them unique.</summary>
internal static class CheckpointId
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+-");

    public static string Create(string name, long sequence, string suffix) => string.Create(CultureInfo.InvariantCulture, $"{name}-{sequence:D6}-{suffix}");

    public static bool TryParse(string id, out string name, out long sequence)
    {
        (name, sequence) = ("", 0);
        var last = id.LastIndexOf('-');
        var middle = last > 0 ? id.LastIndexOf('-', last - 1) : -1;
        if (middle <= 0 || last == id.Length - 1 || !long.TryParse(id.AsSpan(middle + 1, last - middle - 1), NumberStyles.None, CultureInfo.InvariantCulture, out sequence))
        {
            return false;
        }

        name = id[..middle];
        return true;
    }

    /// <exception cref="StoreException">It is no name of checkpoints.</exception>
    public static void RequireName(string name)
    {
        if (name.Length is 0 or > 100 || !char.IsAsciiLetterOrDigit(name[0]) || name.AsSpan().ContainsAnyExcept(Allowed))
        {
            throw new StoreException($"The name '{name}' is not possible: 1 to 100 letters, digits and . _ @ + -, beginning with a letter or digit.");
        }
    }
}
