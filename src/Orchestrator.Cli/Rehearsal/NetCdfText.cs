using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Orchestrator.Cli.Rehearsal;

/// <summary>The variables of a NetCDF file, as the ncdump of the system prints them.</summary>
internal sealed partial record NetCdfText
{
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Variables { get; private init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The dimension that grows; null: none does.</summary>
    public string? Records { get; private init; }

    /// <summary>Null: it is no NetCDF file, or there is no ncdump.</summary>
    public static NetCdfText? Read(string path)
    {
        Span<byte> magic = stackalloc byte[4];
        using (var stream = File.OpenRead(path))
        {
            if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4 || !(magic[..3].SequenceEqual("CDF"u8) || magic.SequenceEqual("\x89HDF"u8) || (magic[0] == 0x89 && magic[1..].SequenceEqual("HDF"u8))))
            {
                return null;
            }
        }

        try
        {
            using var process = Process.Start(new ProcessStartInfo("ncdump", ["-p", "9,17", path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginErrorReadLine();
            var text = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? Parse(text) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    public static NetCdfText Parse(string text)
    {
        var data = text.IndexOf("\ndata:", StringComparison.Ordinal);
        var variables = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var statement in data < 0 ? [] : text[(data + "\ndata:".Length)..].Split(';'))
        {
            if (statement.Split('=', 2) is [var name, var values])
            {
                variables[name.Trim()] = values.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return new() { Variables = variables, Records = Unlimited().Match(text) is { Success: true } match ? match.Groups[1].Value : null };
    }

    [GeneratedRegex(@"(\w+) = UNLIMITED")]
    private static partial Regex Unlimited();
}
