using System.Globalization;
using System.Text;

namespace Orchestrator.Agent.Processes;

/// <summary>One line of /proc/PID/stat, as far as it is used.</summary>
internal readonly record struct ProcessStat
{
    public int Id { get; init; }

    public int Parent { get; init; }

    public int Session { get; init; }

    /// <summary>As in ps: R, S, D, T, Z, X.</summary>
    public char State { get; init; }

    /// <summary>Since the boot, in clock ticks: with the id it names a process once and for all.</summary>
    public long StartTicks { get; init; }

    /// <summary>Processor time of the process and of its children that it waited for, in clock ticks.</summary>
    public long CpuTicks { get; init; }

    /// <summary>Resident pages.</summary>
    public long Pages { get; init; }

    /// <summary>The short name, at most 15 characters.</summary>
    public string Name { get; init; }

    /// <summary>A zombie has ended: only its parent has not looked yet.</summary>
    public bool IsAlive => State is not ('Z' or 'X' or 'x' or '\0');

    /// <summary>Null when there is no such process.</summary>
    public static ProcessStat? Read(int id)
    {
        try
        {
            return Parse(Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"))));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The name in parentheses may itself hold blanks and parentheses, so the fields count from the last one.</summary>
    public static ProcessStat? Parse(string line)
    {
        var open = line.IndexOf('(', StringComparison.Ordinal);
        var close = line.LastIndexOf(')');
        if (open < 1 || close < open)
        {
            return null;
        }

        var fields = line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length < 22)
        {
            return null;
        }

        long Field(int number) => long.Parse(fields[number - 3], CultureInfo.InvariantCulture);
        return new()
        {
            Id = int.Parse(line.AsSpan(0, open - 1), CultureInfo.InvariantCulture),
            Name = line[(open + 1)..close],
            State = fields[0][0],
            Parent = (int)Field(4),
            Session = (int)Field(6),
            CpuTicks = Field(14) + Field(15) + Field(16) + Field(17),
            StartTicks = Field(22),
            Pages = Field(24),
        };
    }
}
