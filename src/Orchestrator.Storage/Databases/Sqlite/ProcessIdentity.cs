using System.Diagnostics;

namespace Orchestrator.Storage;

/// <summary>A process that cannot be confused with a later one of the same number.</summary>
/// <param name="Host">The name of the machine.</param>
/// <param name="Pid">The number of the process.</param>
/// <param name="StartTicks">When it started, in the clock ticks of its machine.</param>
internal sealed record ProcessIdentity(string Host, long Pid, long StartTicks)
{
    public static ProcessIdentity Own { get; } = new(Environment.MachineName, Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    public override string ToString() => $"process {Pid} on {Host}";

    /// <summary>Null when it runs on another machine, where nobody here can see.</summary>
    public bool? IsAlive() => Host != Own.Host ? null : StartOf(Pid) == StartTicks;

    private static long? StartOf(long pid)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // The name, in parentheses, may hold anything; the start time is the 20th field behind it.
                var stat = File.ReadAllText($"/proc/{pid}/stat");
                return long.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19], System.Globalization.CultureInfo.InvariantCulture);
            }

            using var process = Process.GetProcessById((int)pid);
            return process.StartTime.ToUniversalTime().Ticks;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
