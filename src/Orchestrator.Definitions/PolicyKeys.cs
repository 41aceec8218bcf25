using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Orchestrator.Core.Scheduling;

namespace Orchestrator.Definitions;

/// <summary>The keys of policy files: they follow from the records of settings, so that none is forgotten.</summary>
internal static partial class PolicyKeys
{
    private static readonly ConcurrentDictionary<Type, ImmutableArray<PolicyKey>> Known = new();

    /// <summary>The keys of a record, in its order.</summary>
    public static ImmutableArray<PolicyKey> Of(Type record) => Known.GetOrAdd(record, static type =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static property => property.CanWrite).Select(property => new PolicyKey(type, property)),
    ]);

    /// <summary>A mapping of its own.</summary>
    public static bool IsSection(Type type) => type.IsClass && type != typeof(string);

    /// <summary><c>SmallInBackfill</c> is <c>small_in_backfill</c>.</summary>
    public static string Snake(string name) => Capital().Replace(name, static match => "_" + match.Value).TrimStart('_').ToLowerInvariant();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}

/// <summary>One key: its name, and what is allowed.</summary>
internal sealed class PolicyKey
{
    private const string Never = "none";

    public PolicyKey(Type record, PropertyInfo property)
    {
        Property = property;
        Name = PolicyKeys.Snake(property.Name);
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        MayBeNone = Type != property.PropertyType || SettingsRules.MayBeAbsent(record, Type);
        Range = SettingsRules.RangeOf(record.Name, property.Name);
        Allowed = (Type.IsEnum ? string.Join(", ", Words.Keys)
            : Type == typeof(bool) ? "true, false"
            : Type == typeof(TimeSpan) ? IsOffset ? "a distance from UTC as +HH:MM or -HH:MM, up to 14:00" : DurationText.Allowed + (Range.AboveMin ? "" : ", or 0")
            : Type == typeof(long) ? SizeText.Allowed
            : (Type == typeof(int) ? "a whole number " : "a number ") + Range) + (MayBeNone ? $", or {Never}" : "");
    }

    public string Name { get; }

    public Type Type { get; }

    public PropertyInfo Property { get; }

    /// <summary>None is allowed.</summary>
    public bool MayBeNone { get; }

    public SettingRange Range { get; }

    /// <summary>In words.</summary>
    public string Allowed { get; }

    public bool IsOffset => Name == "utc_offset";

    /// <summary>The words of an enumeration.</summary>
    public ImmutableSortedDictionary<string, object> Words => Type.IsEnum
        ? Enum.GetValues(Type).Cast<object>().Where(static value => Convert.ToInt32(value, CultureInfo.InvariantCulture) != 0)
            .ToImmutableSortedDictionary(static value => PolicyKeys.Snake(value.ToString()!).Replace('_', '-'), static value => value)
        : ImmutableSortedDictionary<string, object>.Empty;

    public bool TryParse(string text, out object? value, out string problem)
    {
        (value, problem) = (null, $"\"{text}\" is not allowed here");
        if (MayBeNone && text == Never)
        {
            value = Type.IsEnum ? Enum.ToObject(Type, 0) : null;
            return true;
        }

        if (Type.IsEnum)
        {
            problem = $"\"{text}\" is none of the choices; did you mean \"{Nearest.To(text, Words.Keys)}\"?";
            return Words.TryGetValue(text, out value);
        }

        if (Type == typeof(bool))
        {
            problem = $"\"{text}\" is neither";
            value = text switch { "true" => true, "false" => false, _ => null };
            return value is not null;
        }

        if (Type == typeof(TimeSpan))
        {
            return TryParseTime(text, out value, ref problem);
        }

        if (Type == typeof(long))
        {
            var parsed = SizeText.TryParse(text, out var bytes, out problem);
            value = bytes;
            return parsed;
        }

        if (Type == typeof(int) && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
        {
            (value, problem) = (count, $"{text} is out of range");
            return Range.Holds(count);
        }

        if (Type == typeof(double) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            (value, problem) = (number, $"{text} is out of range");
            return Range.Holds(number);
        }

        return false;
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public string Format(object? value) => value switch
    {
        null => Never,
        bool flag => flag ? "true" : "false",
        TimeSpan offset when IsOffset => string.Create(CultureInfo.InvariantCulture, $"\"{(offset < TimeSpan.Zero ? '-' : '+')}{offset:hh\\:mm}\""),
        TimeSpan time => DurationText.Write(time),
        long bytes => SizeText.Write(bytes),
        Enum word => Convert.ToInt32(word, CultureInfo.InvariantCulture) == 0 ? Never : PolicyKeys.Snake(word.ToString()).Replace('_', '-'),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new UnreachableException($"A policy has no member like {value}."),
    };

    private bool TryParseTime(string text, out object? value, ref string problem)
    {
        value = null;
        if (IsOffset)
        {
            problem = $"\"{text}\" is no distance from UTC";
            var positive = text.StartsWith('+');
            if ((positive || text.StartsWith('-')) && TimeSpan.TryParseExact(text[1..], @"hh\:mm", CultureInfo.InvariantCulture, out var offset) && offset <= TimeSpan.FromHours(14))
            {
                value = positive ? offset : -offset;
            }

            return value is not null;
        }

        if (text is "0" or "0s" && !Range.AboveMin)
        {
            value = TimeSpan.Zero;
            return true;
        }

        var parsed = DurationText.TryParse(text, out var duration, out problem);
        value = duration;
        return parsed;
    }
}
