using System.Globalization;
using Climate.Output;
using Climate.Protocol;

namespace Climate.Commands;

/// <summary>Compares two histories: byte for byte, and if they differ, variable by variable.</summary>
internal static class CompareCommand
{
    /// <summary>0 if the files are identical, 1 if not.</summary>
    public static int Run(string first, string second, TextWriter output)
    {
        if (SameBytes(first, second))
        {
            output.WriteLine("identical");
            return ExitCode.Done;
        }

        using var a = new NetCdfReader(first);
        using var b = new NetCdfReader(second);
        output.WriteLine(a.Records == b.Records ? "different" : $"different: {a.Records} and {b.Records} records");
        foreach (var variable in a.Schema.Variables)
        {
            output.WriteLine($"{variable.Name}: {Difference(a, b, variable)}");
        }

        return ExitCode.No;
    }

    private static string Difference(NetCdfReader a, NetCdfReader b, NetCdfVariable variable)
    {
        var other = b.Schema.Variables.FirstOrDefault(v => v.Name == variable.Name);
        if (other is null || a.Schema.CountOf(variable) != b.Schema.CountOf(other) || a.Schema.IsRecord(variable) != b.Schema.IsRecord(other))
        {
            return "absent from the second file, or of another shape";
        }

        var records = a.Schema.IsRecord(variable) ? Math.Min(a.Records, b.Records) : 1;
        double largest = 0;
        var firstRecord = -1;
        for (var r = 0; r < records; r++)
        {
            double[] x = a.Read(variable.Name, r), y = b.Read(variable.Name, r);
            for (var i = 0; i < x.Length; i++)
            {
                if (!x[i].Equals(y[i]))
                {
                    firstRecord = firstRecord < 0 ? r : firstRecord;
                    largest = Math.Max(largest, Math.Abs(x[i] - y[i]));
                }
            }
        }

        return firstRecord < 0
            ? "equal"
            : string.Create(CultureInfo.InvariantCulture, $"differs by up to {largest:G6}, first in record {firstRecord}");
    }

    private static bool SameBytes(string first, string second)
    {
        using var a = new FileStream(first, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var b = new FileStream(second, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (a.Length != b.Length)
        {
            return false;
        }

        byte[] x = new byte[1 << 16], y = new byte[1 << 16];
        while (true)
        {
            var read = a.ReadAtLeast(x, x.Length, throwOnEndOfStream: false);
            if (b.ReadAtLeast(y, y.Length, throwOnEndOfStream: false) != read || !x.AsSpan(0, read).SequenceEqual(y.AsSpan(0, read)))
            {
                return false;
            }

            if (read == 0)
            {
                return true;
            }
        }
    }
}
