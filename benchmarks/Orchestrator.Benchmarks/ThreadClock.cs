using System.Runtime.InteropServices;

namespace Orchestrator.Benchmarks;

/// <summary>CPU time of the calling thread alone: neither others on the machine nor the compiler and collector of this process count.</summary>
internal static partial class ThreadClock
{
    /// <summary>CLOCK_THREAD_CPUTIME_ID on Linux.</summary>
    private const int ThreadCpuTime = 3;

    public static TimeSpan Now
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return Environment.CpuUsage.TotalTime;
            }

            return GetTime(ThreadCpuTime, out var time) == 0
                ? new TimeSpan((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
                : throw new PlatformNotSupportedException("The system does not say how long a thread has computed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
