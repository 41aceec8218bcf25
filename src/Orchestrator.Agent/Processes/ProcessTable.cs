using System.Globalization;

namespace Orchestrator.Agent.Processes;

/// <summary>All processes of the machine at one moment.</summary>
internal sealed class ProcessTable
{
    private readonly Dictionary<int, ProcessStat> byId = [];
    private readonly ILookup<int, ProcessStat> byParent;

    private ProcessTable(IEnumerable<ProcessStat> processes)
    {
        foreach (var process in processes)
        {
            byId[process.Id] = process;
        }

        byParent = byId.Values.ToLookup(process => process.Parent);
    }

    public static ProcessTable Read() => new(Ids().Select(ProcessStat.Read).OfType<ProcessStat>());

    /// <summary>Living members of a session that the given leader opened, and all their living descendants, which may have left it.</summary>
    public List<ProcessStat> Members(ProcessIdentity leader)
    {
        // The number of a session is used again only when nobody is in it any more; a leader of another start time means that this has happened.
        var same = !byId.TryGetValue(leader.Id, out var now) || now.StartTicks == leader.StartTicks;
        var members = new Dictionary<int, ProcessStat>();
        if (same)
        {
            foreach (var process in byId.Values.Where(process => process.Session == leader.Id && process.StartTicks >= leader.StartTicks))
            {
                Add(process, members);
            }
        }

        return [.. members.Values.Where(process => process.IsAlive)];
    }

    /// <summary>The given processes and their descendants, alive.</summary>
    public List<ProcessStat> WithDescendants(IEnumerable<int> ids)
    {
        var members = new Dictionary<int, ProcessStat>();
        foreach (var id in ids)
        {
            if (byId.TryGetValue(id, out var process))
            {
                Add(process, members);
            }
        }

        return [.. members.Values.Where(process => process.IsAlive)];
    }

    public IEnumerable<ProcessStat> Children(int id) => byParent[id].Where(child => child.IsAlive);

    /// <summary>
    /// Living processes of our user whose environment carries this entry: also those that made themselves independent of everything else.
    /// </summary>
    public static IEnumerable<int> WithEnvironment(string entry)
    {
        var wanted = System.Text.Encoding.UTF8.GetBytes(entry + '\0');
        foreach (var id in Ids().Where(id => id != Environment.ProcessId))
        {
            byte[] environment;
            try
            {
                environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/environ"));
            }
            catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            var at = environment.AsSpan().IndexOf(wanted);
            if (at == 0 || (at > 0 && environment[at - 1] == 0))
            {
                yield return id;
            }
        }
    }

    private static IEnumerable<int> Ids()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                yield return id;
            }
        }
    }

    private void Add(ProcessStat process, Dictionary<int, ProcessStat> members)
    {
        if (process.Id != Environment.ProcessId && members.TryAdd(process.Id, process))
        {
            foreach (var child in byParent[process.Id])
            {
                Add(child, members);
            }
        }
    }
}
