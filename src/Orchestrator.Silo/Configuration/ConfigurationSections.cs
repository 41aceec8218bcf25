using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Silo;

/// <summary>Reads options from configuration and says of every value that does not fit which key it is and what is allowed. The binder of the platform stops at the first.</summary>
internal static class ConfigurationSections
{
    /// <summary>The options with every value that could be read; what could not be is added to <paramref name="problems"/>.</summary>
    public static T Read<T>(IConfiguration configuration, string section, List<string> problems) where T : class, new()
    {
        var options = new T();
        var known = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite && (property.PropertyType.IsValueType || property.PropertyType == typeof(string))).ToArray();
        foreach (var entry in configuration.GetSection(section).GetChildren())
        {
            var property = Array.Find(known, candidate => string.Equals(candidate.Name, entry.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                problems.Add($"{section}:{entry.Key} is no setting; {string.Join(", ", known.Select(static candidate => candidate.Name).Order(StringComparer.Ordinal))} are allowed.");
            }
            else if (entry.Value is null)
            {
                problems.Add($"{section}:{property.Name} is a section; a single value is allowed.");
            }
            else if (TryParse(entry.Value, property.PropertyType, out var value, out var allowed))
            {
                property.SetValue(options, value);
            }
            else
            {
                problems.Add($"{section}:{property.Name} is \"{entry.Value}\"; {allowed}");
            }
        }

        return options;
    }

    /// <summary>Sections directly below <c>Orchestrator</c> that nobody reads.</summary>
    public static IEnumerable<string> Unknown(IConfiguration configuration, IReadOnlyList<string> sections) =>
        from entry in configuration.GetSection("Orchestrator").GetChildren()
        where !sections.Contains("Orchestrator:" + entry.Key, StringComparer.OrdinalIgnoreCase)
        select $"Orchestrator:{entry.Key} is no section; {string.Join(", ", sections.Order(StringComparer.Ordinal))} are allowed.";

    private static bool TryParse(string text, Type type, out object? value, out string allowed)
    {
        var target = Nullable.GetUnderlyingType(type) ?? type;
        value = null;
        allowed = "";
        if (text.Length == 0 && (target != type || type == typeof(string)))
        {
            value = type == typeof(string) ? "" : null;
            return true;
        }

        if (target == typeof(string))
        {
            value = text;
        }
        else if (target == typeof(bool))
        {
            value = bool.TryParse(text, out var flag) ? flag : null;
            allowed = "true or false are allowed.";
        }
        else if (target == typeof(int))
        {
            value = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
            allowed = "a whole number is allowed.";
        }
        else if (target == typeof(long))
        {
            value = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
            allowed = "a whole number is allowed.";
        }
        else if (target == typeof(double))
        {
            value = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
            allowed = "a number is allowed.";
        }
        else if (target == typeof(TimeSpan))
        {
            // A bare number would be days.
            value = text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null;
            allowed = "a time as [days.]hours:minutes:seconds[.fraction] is allowed, as in 00:00:30.";
        }
        else if (target.IsEnum)
        {
            value = !char.IsAsciiDigit(text[0]) && Enum.TryParse(target, text, ignoreCase: true, out var parsed) && Enum.IsDefined(target, parsed) ? parsed : null;
            allowed = $"{string.Join(", ", Enum.GetNames(target).Where(static name => name != "Absent"))} are allowed.";
        }
        else
        {
            throw new System.Diagnostics.UnreachableException($"{target} is no type of a setting.");
        }

        return value is not null;
    }
}
