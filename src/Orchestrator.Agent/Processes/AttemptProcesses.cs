using Orchestrator.Core.Workflows;

namespace Orchestrator.Agent.Processes;

/// <summary>The processes of one attempt on this node: its session, all descendants, and whatever carries its run directory in the environment.</summary>
internal sealed class AttemptProcesses(ProcessIdentity? leader, string runDirectory, TimeProvider time)
{
    private static readonly string[] RankVariables = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "SLURM_PROCID", "PALS_RANKID"];
    private static readonly string[] Shells = ["sh", "dash", "bash", "ksh", "zsh", "busybox"];

    /// <summary>The wrapper; null on a node that only holds its share.</summary>
    public ProcessIdentity? Leader => leader;

    /// <summary>The wrapper runs, so the program may.</summary>
    public bool LeaderIsAlive => leader is { IsAlive: true };

    /// <summary>Living members by session and descent: cheap, for measuring.</summary>
    public List<ProcessStat> Members(ProcessTable table) => leader is { } known ? table.Members(known) : [];

    /// <summary>Asks the whole group to leave. The wrapper and its line outlast it.</summary>
    public void Terminate()
    {
        if (leader is { IsAlive: true } known)
        {
            Signals.SendToGroup(known.Id, Signals.Terminate);
        }
    }

    /// <summary>Sends a declared signal to whom it is declared for; the shells in between never get it.</summary>
    public void Signal(int signal, SignalTarget target)
    {
        if (leader is not { IsAlive: true } known)
        {
            return;
        }

        var table = ProcessTable.Read();
        var line = table.Children(known.Id).FirstOrDefault();
        IEnumerable<int> targets = target switch
        {
            SignalTarget.Group => table.Members(known).Where(member => member.Id != known.Id && member.Id != line.Id).Select(member => member.Id),
            SignalTarget.Ranks => table.Members(known).Select(member => member.Id).Where(CarriesRank),
            _ => Program(table, line) is { } program ? [program] : [],
        };
        foreach (var id in targets)
        {
            Signals.Send(id, signal);
        }
    }

    /// <summary>
    /// Kills everything and returns when nothing is left. Without the wrapper in <paramref name="alsoWrapper"/> it can still write the exit record.
    /// </summary>
    public async Task KillAsync(bool alsoWrapper, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(5);
        while (true)
        {
            if (alsoWrapper && leader is { IsAlive: true } known)
            {
                Signals.SendToGroup(known.Id, Signals.Kill);
            }

            var left = Everything().Where(id => alsoWrapper || id != leader?.Id).ToList();
            if (left.Count == 0)
            {
                return;
            }

            foreach (var id in left)
            {
                Signals.Send(id, Signals.Kill);
            }

            // A process in the kernel's hands dies when the kernel lets go of it.
            await Task.Delay(pause, time, cancellationToken);
            pause = pause < TimeSpan.FromMilliseconds(500) ? pause * 2 : pause;
        }
    }

    /// <summary>Every living process of the attempt, those that left its session and lost their parents too.</summary>
    public List<int> Everything()
    {
        var marked = ProcessTable.WithEnvironment($"ORCHESTRATOR_RUN_DIR={runDirectory}").ToList();
        var table = ProcessTable.Read();
        return [.. Members(table).Select(member => member.Id).Union(table.WithDescendants(marked).Select(member => member.Id))];
    }

    /// <summary>Below the shell of the line, and below scripts that only wait for one program.</summary>
    private static int? Program(ProcessTable table, ProcessStat line)
    {
        if (line.Id == 0)
        {
            return null;
        }

        var at = line;
        while (table.Children(at.Id).OrderBy(child => child.StartTicks).ToList() is { Count: > 0 } children && (at.Id == line.Id || Shells.Contains(at.Name)))
        {
            at = children[0];
        }

        // A line that is all shell has no program that could have declared a signal.
        return at.Id == line.Id ? null : at.Id;
    }

    private static bool CarriesRank(int id)
    {
        try
        {
            var environment = File.ReadAllText(System.IO.Path.Combine("/proc", id.ToString(System.Globalization.CultureInfo.InvariantCulture), "environ"));
            return environment.Split('\0').Any(entry => RankVariables.Any(variable => entry.StartsWith(variable + "=", StringComparison.Ordinal)));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
