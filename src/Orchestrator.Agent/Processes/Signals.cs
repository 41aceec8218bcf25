using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Orchestrator.Agent.Processes;

/// <summary>Signals by name, and their delivery.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly FrozenDictionary<string, int> Numbers = new Dictionary<string, int>
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["USR1"] = 10, ["USR2"] = 12, ["ALRM"] = 14, ["TERM"] = 15,
        ["CONT"] = 18, ["URG"] = 23, ["WINCH"] = 28,
    }.ToFrozenDictionary();

    /// <summary>The number of a signal; null for one that no campaign may declare.</summary>
    public static int? NumberOf(string name) => Numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>To one process; false when it is gone.</summary>
    public static bool Send(int process, int signal) => process > 1 && KillProcess(process, signal) == 0;

    /// <summary>To a whole process group at once; false when it is gone.</summary>
    public static bool SendToGroup(int group, int signal) => group > 1 && KillProcess(-group, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int process, int signal);
}
