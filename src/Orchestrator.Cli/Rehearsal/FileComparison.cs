using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Cli.Rehearsal;

/// <summary>How a file of a run that was disturbed differs from that of one that was not.</summary>
internal sealed partial record FileComparison
{
    private const int BinaryLook = 8192;
    private const long TextMax = 64 << 20;

    public string File { get; init; } = "";

    public bool Identical { get; init; }

    /// <summary>Records that are there more often than they should be.</summary>
    public int Repeated { get; init; }

    /// <summary>Records that are not there.</summary>
    public int Missing { get; init; }

    /// <summary>The variable or column with the largest difference; null: there is none that is numeric.</summary>
    public string? Variable { get; init; }

    /// <summary>The largest difference.</summary>
    public double Largest { get; init; }

    /// <summary>As a part of a sentence.</summary>
    public string Text { get; init; } = "";

    /// <summary>Only numbers differ, and by no more than this.</summary>
    public bool IsWithin(double tolerance) => Identical || (Variable is not null && Repeated == 0 && Missing == 0 && Largest <= tolerance);

    /// <summary>Compares two files by bytes, then as NetCDF (where ncdump is there) or as lines with numbers.</summary>
    public static FileComparison Of(string name, string undisturbed, string disturbed)
    {
        if (!System.IO.File.Exists(disturbed) || !System.IO.File.Exists(undisturbed))
        {
            return new() { File = name, Text = $"{name} is missing" };
        }

        if (SameBytes(undisturbed, disturbed))
        {
            return new() { File = name, Identical = true, Text = $"{name} is bit-identical" };
        }

        if (NetCdfText.Read(undisturbed) is { } one && NetCdfText.Read(disturbed) is { } other)
        {
            return OfVariables(name, one, other);
        }

        return IsText(undisturbed) && IsText(disturbed)
            ? OfLines(name, System.IO.File.ReadAllLines(undisturbed), System.IO.File.ReadAllLines(disturbed))
            : new() { File = name, Text = $"{name} differs ({new FileInfo(disturbed).Length} bytes, undisturbed {new FileInfo(undisturbed).Length})" };
    }

    /// <summary>Lines are records, known by their first word; in those that are in both, numbers are compared in their places.</summary>
    public static FileComparison OfLines(string name, string[] undisturbed, string[] disturbed)
    {
        var heading = undisturbed.Length > 0 && !Number().IsMatch(undisturbed[0]) ? Words(undisturbed[0]) : [];
        var expected = Counts(undisturbed);
        var found = Counts(disturbed);
        var repeated = found.Sum(pair => Math.Max(0, pair.Value - expected.GetValueOrDefault(pair.Key)));
        var missing = expected.Sum(pair => Math.Max(0, pair.Value - found.GetValueOrDefault(pair.Key)));
        if (repeated + missing > 0)
        {
            return new() { File = name, Repeated = repeated, Missing = missing, Text = Records(name, repeated, missing) };
        }

        var largest = ("", -1.0);
        for (var i = 0; i < undisturbed.Length; i++)
        {
            if (Number().Replace(undisturbed[i], "0") != Number().Replace(disturbed[i], "0"))
            {
                return new() { File = name, Text = string.Create(CultureInfo.InvariantCulture, $"{name} differs in the words of line {i + 1}") };
            }

            var pairs = Number().Matches(undisturbed[i]).Zip(Number().Matches(disturbed[i])).ToArray();
            for (var column = 0; column < pairs.Length; column++)
            {
                var difference = Math.Abs(Parse(pairs[column].First.Value) - Parse(pairs[column].Second.Value));
                if (difference > largest.Item2)
                {
                    largest = (NameOf(column, pairs[column].First, undisturbed[i]), difference);
                }
            }
        }

        return Differs(name, largest.Item1, largest.Item2);

        string NameOf(int column, Match number, string line) =>
            column < heading.Length ? heading[column]
            : Key().Match(line[..number.Index]) is { Success: true } key ? key.Groups[1].Value
            : string.Create(CultureInfo.InvariantCulture, $"column {column + 1}");
    }

    private static FileComparison OfVariables(string name, NetCdfText undisturbed, NetCdfText disturbed)
    {
        var largest = ("", -1.0);
        foreach (var (variable, values) in undisturbed.Variables)
        {
            if (!disturbed.Variables.TryGetValue(variable, out var others))
            {
                return new() { File = name, Text = $"{name} has no {variable}" };
            }

            if (values.Count != others.Count)
            {
                // The coordinate of the records, time as a rule, tells which.
                var coordinate = undisturbed.Records ?? variable;
                var (expected, found) = (Counts(undisturbed.Variables.GetValueOrDefault(coordinate) ?? values), Counts(disturbed.Variables.GetValueOrDefault(coordinate) ?? others));
                var repeated = found.Sum(pair => Math.Max(0, pair.Value - expected.GetValueOrDefault(pair.Key)));
                var missing = expected.Sum(pair => Math.Max(0, pair.Value - found.GetValueOrDefault(pair.Key)));
                return new() { File = name, Repeated = repeated, Missing = missing, Text = Records(name, repeated, missing) };
            }

            for (var i = 0; i < values.Count; i++)
            {
                var difference = values[i] == others[i] ? 0 : Math.Abs(Parse(values[i]) - Parse(others[i]));
                if (difference > largest.Item2)
                {
                    largest = (variable, difference);
                }
            }
        }

        return Differs(name, largest.Item1, largest.Item2);
    }

    private static FileComparison Differs(string name, string variable, double largest) => largest > 0 || double.IsNaN(largest)
        ? new() { File = name, Variable = variable, Largest = largest, Text = string.Create(CultureInfo.InvariantCulture, $"{name} differs in {variable} by {largest:0.##e+0}") }
        : new() { File = name, Text = $"{name} differs, though none of its numbers does" };

    private static string Records(string name, int repeated, int missing) =>
        string.Join(", ", new[] { repeated > 0 ? $"repeats {Of(repeated)} of {name}" : null, missing > 0 ? $"misses {Of(missing)} of {name}" : null }.OfType<string>());

    private static string Of(int records) => records == 1 ? "1 record" : string.Create(CultureInfo.InvariantCulture, $"{records} records");

    private static Dictionary<string, int> Counts(IEnumerable<string> records)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            var key = Words(record) is [var first, ..] ? first : "";
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        return counts;
    }

    private static string[] Words(string line) => line.Split([',', ';', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static double Parse(string number) => double.TryParse(number.TrimEnd('f', 'L', 's', 'b', 'd', 'D', 'F'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    private static bool SameBytes(string one, string other)
    {
        using var left = new FileStream(one, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var right = new FileStream(other, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (left.Length != right.Length)
        {
            return false;
        }

        Span<byte> a = new byte[1 << 16], b = new byte[1 << 16];
        for (var count = left.ReadAtLeast(a, a.Length, throwOnEndOfStream: false); count > 0; count = left.ReadAtLeast(a, a.Length, throwOnEndOfStream: false))
        {
            if (right.ReadAtLeast(b[..count], count, throwOnEndOfStream: false) != count || !a[..count].SequenceEqual(b[..count]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsText(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var block = new byte[BinaryLook];
        var count = stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
        return stream.Length <= TextMax && !block.AsSpan(0, count).Contains((byte)0);
    }

    [GeneratedRegex(@"(?<![A-Za-z_])[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"""?([A-Za-z_][A-Za-z0-9_.-]*)""?\s*[:=]?\s*$")]
    private static partial Regex Key();
}
