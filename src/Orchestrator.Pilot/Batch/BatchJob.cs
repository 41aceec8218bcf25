using System.Globalization;

namespace Orchestrator.Pilot.Batch;

/// <summary>The batch job that the pilot runs in, as its variables tell.</summary>
internal sealed record BatchJob
{
    /// <summary>To a host of any kind. A connection that is cut ends within a minute, not with the patience of the network.</summary>
    public const string Ssh = "ssh -o BatchMode=yes -o ServerAliveInterval=15 -o ServerAliveCountMax=4 {node}";

    /// <summary>Slurm, PBS or LSF.</summary>
    public string System { get; init; } = "";

    /// <summary>On this node; null: it does not say.</summary>
    public int? Cores { get; init; }

    /// <summary>All nodes, this one too; none where it does not say.</summary>
    public IReadOnlyList<BatchHost> Hosts { get; init; } = [];

    /// <summary>This node by the name that the job has for it, which need not be that of the machine; null: that of the machine.</summary>
    public string? Here { get; init; }

    /// <summary>Null: it does not say.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>A line that starts what follows it on the node <c>{node}</c>, and passes its input and output through.</summary>
    public string Launcher { get; init; } = "";

    /// <summary>Reads what a batch system has set; null outside of a batch job.</summary>
    /// <param name="variable">The value of a variable, null where it is not set.</param>
    /// <param name="readLines">The lines of a file; none where it cannot be read.</param>
    /// <param name="host">The name of this node.</param>
    /// <param name="hasProgram">Whether a program is in the search path.</param>
    /// <exception cref="FormatException">A variable is not as its system writes it.</exception>
    public static BatchJob? Read(Func<string, string?> variable, Func<string, IReadOnlyList<string>> readLines, string host, Func<string, bool> hasProgram)
    {
        if (variable("SLURM_JOB_ID") is not null)
        {
            var names = HostList.Expand(variable("SLURM_JOB_NODELIST") ?? "");
            var counts = HostList.ExpandCounts(variable("SLURM_JOB_CPUS_PER_NODE") ?? "");
            return new()
            {
                System = "Slurm",
                Here = variable("SLURMD_NODENAME"),
                Cores = Number(variable("SLURM_CPUS_ON_NODE")) ?? (counts.Count > 0 ? counts[0] : null),
                Hosts = [.. names.Select((name, number) => new BatchHost(name, number < counts.Count ? counts[number] : null))],
                EndsAt = long.TryParse(variable("SLURM_JOB_END_TIME"), NumberStyles.None, CultureInfo.InvariantCulture, out var end) ? DateTimeOffset.FromUnixTimeSeconds(end) : null,
                Launcher = "srun --nodes=1 --ntasks=1 --nodelist={node} --cpus-per-task={cores} --overlap --unbuffered",
            };
        }

        if (variable("PBS_JOBID") is not null)
        {
            // A line for each process of a node; with one process a node its cores are in NCPUS.
            var declared = Number(variable("NCPUS"));
            var hosts = (variable("PBS_NODEFILE") is { } file ? readLines(file) : []).GroupBy(static name => name)
                .Select(group => new BatchHost(group.Key, Math.Max(group.Count(), declared ?? 1))).ToList();
            return new()
            {
                System = "PBS", Hosts = hosts, Cores = hosts.Find(each => each.Is(host))?.Cores ?? declared,
                Launcher = hasProgram("pbs_tmrsh") ? "pbs_tmrsh {node}" : Ssh,
            };
        }

        if (variable("LSB_JOBID") is not null)
        {
            // Hosts and slots in turn.
            var words = (variable("LSB_MCPU_HOSTS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var hosts = Enumerable.Range(0, words.Length / 2).Select(pair => new BatchHost(words[2 * pair], Number(words[(2 * pair) + 1]))).ToList();
            return new() { System = "LSF", Hosts = hosts, Cores = hosts.Find(each => each.Is(host))?.Cores ?? (hosts.Count == 1 ? hosts[0].Cores : null), Launcher = "blaunch {node}" };
        }

        return null;
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
