using System.Globalization;
using System.IO.Compression;
using Orchestrator.Core.Replay;

namespace Orchestrator.Core.Scenarios.Curves;

/// <summary>
/// Reads a table with a heading: <c>config</c>, any number of parameters, and <c>v0 v1 v2 ...</c>, the loss after so many epochs. A loss that is empty, or no finite number, is one
/// that training did not give; a curve ends with its last column.
/// </summary>
public static class LearningCurvesReader
{
    private const int ProblemsMax = 10;

    /// <summary>Reads a file, also one that ends with .gz.</summary>
    /// <exception cref="WorkloadException">It cannot be read; the message has each mistake with its line and column.</exception>
    public static LearningCurves ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = File.OpenRead(path);
            using var bytes = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            using var text = new StreamReader(bytes);
            return Read(text, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new WorkloadException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Reads a text; the name is for messages.</summary>
    /// <exception cref="WorkloadException">It cannot be read; the message has each mistake with its line and column.</exception>
    public static LearningCurves Read(TextReader text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var heading = text.ReadLine() ?? throw WorkloadException.At(name, 0, "", "it is empty; a heading config,...,v0,v1,... and a line for each configuration are needed");
        var columns = heading.Split(',').Select(static column => column.Trim()).ToArray();
        var config = Array.IndexOf(columns, "config");
        var first = Array.IndexOf(columns, "v0");
        List<string> problems = [];
        if (config < 0)
        {
            problems.Add($"{name}:1: there is no column config");
        }

        if (first < 0 || first + 1 >= columns.Length)
        {
            problems.Add($"{name}:1: there are no columns v0, v1, ... with the loss after so many epochs");
        }

        for (var i = Math.Max(first, 0); first >= 0 && i < columns.Length; i++)
        {
            if (columns[i] != string.Create(CultureInfo.InvariantCulture, $"v{i - first}"))
            {
                problems.Add($"{name}:1: column {i + 1} is \"{columns[i]}\"; v{i - first} is expected, as losses follow each other to the end of the line");
                break;
            }
        }

        Refuse(problems);
        var parameters = Enumerable.Range(0, first).Where(column => column != config).ToArray();
        var configurations = new List<LearningCurve>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var line = 2; text.ReadLine() is { } row; line++)
        {
            if (row.Length == 0)
            {
                continue;
            }

            var fields = row.Split(',');
            if (fields.Length != columns.Length)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: {fields.Length} fields; the heading has {columns.Length}"));
            }
            else if (!names.Add(fields[config].Trim()))
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: config: \"{fields[config].Trim()}\" is there twice"));
            }
            else
            {
                var losses = new double[columns.Length - first];
                for (var i = 0; i < losses.Length; i++)
                {
                    if (!TryLoss(fields[first + i], out losses[i]))
                    {
                        problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{line}: v{i}: \"{fields[first + i].Trim()}\" is no number; a loss, or nothing where training gave none, is allowed"));
                    }
                }

                configurations.Add(new()
                {
                    Name = fields[config].Trim(),
                    Parameters = [.. parameters.Select(column => TryLoss(fields[column], out var value) ? value : double.NaN)],
                    Losses = [.. losses],
                });
            }

            if (problems.Count >= ProblemsMax)
            {
                break;
            }
        }

        if (configurations.Count == 0 && problems.Count == 0)
        {
            problems.Add($"{name}: there is no configuration; at least one line is needed");
        }

        Refuse(problems);
        return new() { Name = name, Parameters = [.. parameters.Select(column => columns[column])], Configurations = [.. configurations] };
    }

    private static bool TryLoss(string field, out double loss)
    {
        loss = double.NaN;
        if (field.AsSpan().Trim().IsEmpty || field.Trim().Equals("nan", StringComparison.OrdinalIgnoreCase) || field.Trim() is "inf" or "-inf" or "Infinity" or "-Infinity")
        {
            return true;
        }

        if (!double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        loss = double.IsFinite(value) ? value : double.NaN;
        return true;
    }

    private static void Refuse(List<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new WorkloadException(string.Join('\n', problems));
        }
    }
}
