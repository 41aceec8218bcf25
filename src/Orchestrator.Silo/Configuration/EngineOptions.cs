using System.Net;

namespace Orchestrator.Silo;

/// <summary>How the silo takes part in the engine. Most of it matters only to several silos over PostgreSQL.</summary>
public sealed class EngineOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Orchestrator:Engine";

    /// <summary>What stored state belongs to, for ever: a silo with another one finds nothing. Default "orchestrator".</summary>
    public string ServiceId { get; set; } = "orchestrator";

    /// <summary>The silos that see each other, over PostgreSQL. Default "orchestrator".</summary>
    public string ClusterId { get; set; } = "orchestrator";

    /// <summary>The IP address at which other silos reach this one, over PostgreSQL. Default 127.0.0.1; another one needs <see cref="AllowOpenPorts"/>.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port between silos, 1 to 65535, over PostgreSQL. Default 11111. A silo over SQLite listens for none.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>The port of Orleans' own clients, over PostgreSQL; 0 (default): none.</summary>
    public int ClientPort { get; set; }

    /// <summary>Ports of the engine on addresses that other machines reach: whoever reaches them is a silo. Default false; set it behind a firewall only.</summary>
    public bool AllowOpenPorts { get; set; }

    /// <summary>The time between probes of another silo. Default 1 s.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes in a row without an answer after which a silo is suspected. Default 2.</summary>
    public int ProbesMissedMax { get; set; } = 2;

    /// <summary>How often the table of silos is read. Default 5 s.</summary>
    public TimeSpan TableRefresh { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silo says in the table that it lives. Default 3 s.</summary>
    public TimeSpan AliveInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a call waits for its answer; calls in flight to a silo that dies wait so long. Default 10 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal IEnumerable<string> Problems()
    {
        foreach (var (name, value) in new[] { (nameof(ServiceId), ServiceId), (nameof(ClusterId), ClusterId) })
        {
            if (string.IsNullOrWhiteSpace(value) || value.Length > 100)
            {
                yield return $"{Section}:{name} is \"{value}\"; 1 to 100 characters are allowed.";
            }
        }

        if (!IPAddress.TryParse(Address, out var address))
        {
            yield return $"{Section}:{nameof(Address)} is \"{Address}\"; an IP address is allowed, as in 10.0.0.5.";
        }
        else if (!IPAddress.IsLoopback(address) && !AllowOpenPorts)
        {
            yield return $"{Section}:{nameof(Address)} is {Address}, which other machines reach; set {Section}:{nameof(AllowOpenPorts)} to true where a firewall guards the ports.";
        }

        if (SiloPort is < 1 or > 65535)
        {
            yield return $"{Section}:{nameof(SiloPort)} is {SiloPort}; 1 to 65535 are allowed.";
        }

        if (ClientPort is < 0 or > 65535)
        {
            yield return $"{Section}:{nameof(ClientPort)} is {ClientPort}; 0 (none) to 65535 are allowed.";
        }

        if (ProbesMissedMax is < 1 or > 100)
        {
            yield return $"{Section}:{nameof(ProbesMissedMax)} is {ProbesMissedMax}; 1 to 100 are allowed.";
        }

        foreach (var (name, value) in new[]
        {
            (nameof(ProbeInterval), ProbeInterval), (nameof(TableRefresh), TableRefresh), (nameof(AliveInterval), AliveInterval), (nameof(ResponseTimeout), ResponseTimeout),
        })
        {
            if (value < TimeSpan.FromMilliseconds(100) || value > TimeSpan.FromHours(1))
            {
                yield return $"{Section}:{name} is {value}; 00:00:00.1 to 01:00:00 are allowed.";
            }
        }
    }
}
