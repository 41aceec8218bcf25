namespace Orchestrator.Definitions;

/// <summary>How a site names what it has: features, licences, levels of its topology, reservations.</summary>
internal static class SiteName
{
    public const string Allowed = "1 to 60 letters, digits, '.', '_' and '-'";

    public static bool IsValid(string text) => text.Length is >= 1 and <= 60 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');
}
