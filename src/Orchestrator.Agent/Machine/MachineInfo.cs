using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Agent.Processes;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Agent.Machine;

/// <summary>What this machine has, as the kernel and nvidia-smi say.</summary>
internal sealed partial record MachineInfo
{
    private const long MegaByte = 1024 * 1024;
    private const long GigaByte = 1024 * MegaByte;
    private const long MegaBit = 1_000_000;

    /// <summary>Numbers of the cores that the agent may use, ascending.</summary>
    public ImmutableArray<int> AllowedCores { get; init; } = [];

    public NodeCapabilities Capabilities { get; init; } = new();

    /// <summary>Names the boot; empty where unknown.</summary>
    public string BootId { get; init; } = "";

    public static async Task<MachineInfo> ReadAsync(AgentOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var allowed = ParseCoreList(StatusLine("Cpus_allowed_list") ?? $"0-{Environment.ProcessorCount - 1}");
        return new()
        {
            AllowedCores = allowed,
            BootId = File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "",
            Capabilities = new()
            {
                Cores = options.Cores ?? Math.Max(1, allowed.Length - options.FirstCore),
                Memory = options.Memory ?? Memory(),
                Gpus = options.Gpus ?? await GpusAsync(time, cancellationToken),
                HostName = options.HostName ?? Environment.MachineName,
                OperatingSystem = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
                Features = options.Features,
                Topology = options.Topology,
                Storage = options.Storage ?? StorageOf(options.DataDirectory),
                Network = options.Network ?? Network("/sys/class/net"),
                Kind = options.Kind,
                Power = options.Power,
            },
        };
    }

    /// <summary>
    /// The machine's numbers of a share's cores; null when the machine does not have them, because the agent was told to give away more than there is.
    /// </summary>
    public IReadOnlyList<int>? CoresOf(ImmutableArray<int> share, int firstCore)
    {
        if (share.IsDefaultOrEmpty || share.Any(core => firstCore + core >= AllowedCores.Length))
        {
            return null;
        }

        return [.. share.Select(core => AllowedCores[firstCore + core])];
    }

    /// <summary>The machine's numbers of all cores that this node may give away.</summary>
    public IReadOnlyCollection<int> CoresGiven(int firstCore) => [.. AllowedCores.Skip(firstCore).Take(Capabilities.Cores)];

    /// <summary>As the kernel writes sets of cores: 0-3,8,10-11.</summary>
    public static ImmutableArray<int> ParseCoreList(string text)
    {
        var cores = ImmutableArray.CreateBuilder<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            var first = int.Parse(ends[0], CultureInfo.InvariantCulture);
            var last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
            for (var core = first; core <= last; core++)
            {
                cores.Add(core);
            }
        }

        return cores.ToImmutable();
    }

    /// <summary>One line for each GPU: model, MiB, and its compute capability where the driver tells it.</summary>
    public static ImmutableArray<NodeGpu> ParseGpus(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(',', StringSplitOptions.TrimEntries))
            .Where(fields => fields.Length is 2 or 3 && long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(fields => new NodeGpu
            {
                Model = fields[0],
                Memory = long.Parse(fields[1], CultureInfo.InvariantCulture) * MegaByte,
                ComputeCapability = fields is [_, _, var capability] && CapabilityShape().IsMatch(capability) ? capability : "",
            })];

    /// <summary>
    /// Bits per second of the fastest link that is up, of the kernel's folder of interfaces (speed in Mbit/s, -1 or unreadable where there is none, as on loopback and in most virtual
    /// machines); 0: none is known.
    /// </summary>
    public static long Network(string interfaces)
    {
        var fastest = 0L;
        foreach (var link in Directory.Exists(interfaces) ? Directory.EnumerateFileSystemEntries(interfaces) : [])
        {
            if (Line(Path.Combine(link, "operstate")) == "up" && long.TryParse(Line(Path.Combine(link, "speed")), NumberStyles.None, CultureInfo.InvariantCulture, out var speed))
            {
                fastest = Math.Max(fastest, speed * MegaBit);
            }
        }

        return fastest;
    }

    /// <summary>
    /// How large the file system of a directory is, in whole GiB; 0: not known. Not what is free of it: that is another number for each node and at each start, so that no two nodes would be alike, and what
    /// running work has written would be taken off once more with its lease.
    /// </summary>
    public static long StorageOf(string directory)
    {
        try
        {
            return new DriveInfo(directory).TotalSize / GigaByte * GigaByte;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>0 to 1 of the machine's memory that is not available to new programs; null: not known.</summary>
    public static double? MemoryPart() => MemInfo("MemTotal") is > 0 and { } total && MemInfo("MemAvailable") is { } left ? 1 - ((double)left / total) : null;

    /// <summary>Bytes that are not available to new programs.</summary>
    public static long MemoryUsed() => (MemInfo("MemTotal") - MemInfo("MemAvailable")) ?? 0;

    private static long Memory()
    {
        var machine = MemInfo("MemTotal") ?? 0;
        const string limitFile = "/sys/fs/cgroup/memory.max";
        return File.Exists(limitFile) && long.TryParse(File.ReadAllText(limitFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? Math.Min(machine, limit)
            : machine;
    }

    private static long? MemInfo(string key)
    {
        var line = File.Exists("/proc/meminfo") ? File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(key + ":", StringComparison.Ordinal)) : null;
        return line is null ? null : long.Parse(line[(key.Length + 1)..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }

    private static string? StatusLine(string key) =>
        File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(key + ":", StringComparison.Ordinal))?[(key.Length + 1)..].Trim();

    /// <summary>A file of the kernel; null: it tells nothing.</summary>
    private static string? Line(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<ImmutableArray<NodeGpu>> GpusAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (SearchPath.Find("nvidia-smi", Environment.GetEnvironmentVariable("PATH") ?? "") is not { } program)
        {
            return [];
        }

        // A driver that hangs must not keep the node out of the cluster.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(15), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // Drivers before 510 refuse the whole question for the field that they do not know.
            return ParseGpus(await AskAsync(program, "name,memory.total,compute_cap", either.Token) ?? await AskAsync(program, "name,memory.total", either.Token) ?? "");
        }
        catch (Exception unusable) when (unusable is Win32Exception or IOException || (unusable is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [];
        }
    }

    /// <summary>What nvidia-smi prints for these fields, a line for each GPU; null: it failed. It is killed when nobody waits for it any more.</summary>
    internal static async Task<string?> AskAsync(string program, string fields, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new(program, [$"--query-gpu={fields}", "--format=csv,noheader,nounits"]) { RedirectStandardOutput = true, UseShellExecute = false },
        };
        process.Start();
        try
        {
            var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? text : null;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    [GeneratedRegex(@"^[0-9]{1,2}(?:\.[0-9]{1,2})?\z")]
    private static partial Regex CapabilityShape();
}
