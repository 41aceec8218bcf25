using System.Globalization;

namespace Orchestrator.Pilot.Batch;

/// <summary>The batch job that the pilot runs in, as its variables tell.</summary>
internal sealed record BatchJob
{
    /// <summary>Slurm, PBS or LSF.</summary>
    public string System { get; init; } = "";

    /// <summary>On this node; null: it does not say.</summary>
    public int? Cores { get; init; }

    public int Nodes { get; init; } = 1;

    /// <summary>Null: it does not say.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Reads what a batch system has set; null outside of a batch job.</summary>
    /// <param name="variable">The value of a variable, null where it is not set.</param>
    /// <param name="readLines">The lines of a file; none where it cannot be read.</param>
    /// <param name="host">The name of this node.</param>
    public static BatchJob? Read(Func<string, string?> variable, Func<string, IReadOnlyList<string>> readLines, string host)
    {
        if (variable("SLURM_JOB_ID") is not null)
        {
            return new()
            {
                System = "Slurm",
                Cores = Number(variable("SLURM_CPUS_ON_NODE")) ?? Number(variable("SLURM_JOB_CPUS_PER_NODE")),
                Nodes = Number(variable("SLURM_JOB_NUM_NODES")) ?? 1,
                EndsAt = long.TryParse(variable("SLURM_JOB_END_TIME"), NumberStyles.None, CultureInfo.InvariantCulture, out var end) ? DateTimeOffset.FromUnixTimeSeconds(end) : null,
            };
        }

        if (variable("PBS_JOBID") is not null)
        {
            // A line for each process of a node; with one process a node its cores are in NCPUS.
            var hosts = variable("PBS_NODEFILE") is { } file ? readLines(file) : [];
            var here = hosts.Count(name => IsSame(name, host));
            return new() { System = "PBS", Cores = Number(variable("NCPUS")) is { } declared ? Math.Max(declared, here) : here > 0 ? here : null, Nodes = Math.Max(1, hosts.Distinct().Count()) };
        }

        if (variable("LSB_JOBID") is not null)
        {
            // Hosts and slots in turn.
            var words = (variable("LSB_MCPU_HOSTS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var hosts = Enumerable.Range(0, words.Length / 2).Select(pair => (Name: words[2 * pair], Slots: Number(words[(2 * pair) + 1]))).ToList();
            return new() { System = "LSF", Cores = hosts.Find(each => IsSame(each.Name, host)).Slots ?? (hosts.Count == 1 ? hosts[0].Slots : null), Nodes = Math.Max(1, hosts.Count) };
        }

        return null;
    }

    /// <summary>Some systems name hosts in full, some not.</summary>
    private static bool IsSame(string name, string host) => string.Equals(name.Split('.')[0], host.Split('.')[0], StringComparison.OrdinalIgnoreCase);

    /// <summary>The number at the start: Slurm writes 16(x2).</summary>
    private static int? Number(string? text) =>
        text is not null && int.TryParse(text.AsSpan(0, text.AsSpan().IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
