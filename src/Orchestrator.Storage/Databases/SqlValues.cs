using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Orchestrator.Storage;

/// <summary>How values travel to and from both databases.</summary>
internal static class SqlValues
{
    public static object ToSql(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset time => time.UtcTicks,
        bool flag => flag ? 1L : 0L,
        int number => (long)number,
        ReadOnlyMemory<byte> bytes => bytes.ToArray(),
        _ => value,
    };

    public static DateTimeOffset GetTime(this DbDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    public static DateTimeOffset? GetTimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetTime(column);

    public static string? GetStringOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] GetBytes(this DbDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    /// <summary>Appends <c>column IN (…)</c> and its parameters; nothing matches an empty list.</summary>
    public static void AndIn(this StringBuilder sql, List<(string, object?)> parameters, string column, IReadOnlyList<string> values)
    {
        sql.Append(" AND ").Append(InList(parameters, column, values));
    }

    public static string InList(List<(string, object?)> parameters, string column, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
        {
            return "1 = 0";
        }

        var names = new List<string>(values.Count);
        for (var i = 0; i < values.Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{column}_{i}");
            names.Add("@" + name);
            parameters.Add((name, values[i]));
        }

        return $"{column} IN ({string.Join(", ", names)})";
    }

    /// <summary>Appends <c>AND column = @column</c> when there is a value to compare with.</summary>
    public static void AndEquals(this StringBuilder sql, List<(string, object?)> parameters, string column, object? value, string comparison = "=", string? name = null)
    {
        if (value is not null)
        {
            name ??= column;
            sql.Append(CultureInfo.InvariantCulture, $" AND {column} {comparison} @{name}");
            parameters.Add((name, value));
        }
    }
}
