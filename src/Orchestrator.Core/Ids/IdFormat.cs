namespace Orchestrator.Core.Ids;

/// <summary>
/// The one rule for keys. The prefix lies outside a to f and no '+' occurs,
/// because AdoNet storage reads a key that parses as hexadecimal as a number.
/// </summary>
internal static class IdFormat
{
    private const int LengthMax = 122;

    public static string Checked(string value, char prefix, string type) =>
        Explain(value, prefix) is { } problem ? throw new InvalidIdException(type, value, problem) : value;

    /// <summary>Null when the value is well formed, else what is wrong with it.</summary>
    public static string? Explain(string? value, char prefix)
    {
        if (value is null || value.Length < 3 || value[0] != prefix || value[1] != '-')
        {
            return $"it must start with \"{prefix}-\" and name something";
        }

        if (value.Length > LengthMax)
        {
            return $"it has {value.Length} characters, {LengthMax} are allowed";
        }

        foreach (var letter in value)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))
            {
                return $"'{letter}' is not allowed; letters, digits, '.', '_' and '-' are";
            }
        }

        return null;
    }
}
