namespace Orchestrator.Core.Scheduling;

/// <summary>The one rule for the names of windows and reservations.</summary>
internal static class ArrangementName
{
    public const int LengthMax = 60;

    /// <summary>Null when the name is well formed, else what is wrong with it.</summary>
    public static string? Explain(string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > LengthMax)
        {
            return $"it has {name?.Length ?? 0} characters, 1 to {LengthMax} are allowed";
        }

        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))
            {
                return $"'{letter}' is not allowed; letters, digits, '.', '_' and '-' are";
            }
        }

        return null;
    }
}
