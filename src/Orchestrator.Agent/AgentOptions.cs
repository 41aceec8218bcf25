using System.Collections.Immutable;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Agent;

/// <summary>How one agent runs. Null means: as found on the machine.</summary>
public sealed record AgentOptions
{
    /// <summary>The data directory, which all nodes of the cluster see; made absolute at the start.</summary>
    public required string DataDirectory { get; init; }

    public required NodeId Node { get; init; }

    public ClusterId Cluster { get; init; } = new("k-main");

    /// <summary>Cores to give away; null: all that the agent may use itself, from <see cref="FirstCore"/> on.</summary>
    public int? Cores { get; init; }

    /// <summary>Cores of the machine to leave out from the front, so that several agents share one machine.</summary>
    public int FirstCore { get; init; }

    /// <summary>Bytes to give away; null: the machine's, or the limit of the agent's control group.</summary>
    public long? Memory { get; init; }

    /// <summary>GPUs to give away; null: those that nvidia-smi lists, none where it is missing.</summary>
    public ImmutableArray<NodeGpu>? Gpus { get; init; }

    /// <summary>Bytes of scratch storage to give away; null: the size of the file system of the data directory, in whole GiB.</summary>
    public long? Storage { get; init; }

    /// <summary>Bits per second to give away; null: the fastest link that is up, as the kernel tells it; 0 where it tells none.</summary>
    public long? Network { get; init; }

    /// <summary>What kind of node it is, for what is learned of kinds ("epyc-9654"); "": only its capabilities tell.</summary>
    public string Kind { get; init; } = "";

    /// <summary>What it draws; null: not known, and the node is never switched off.</summary>
    public NodePower? Power { get; init; }

    /// <summary>Free-form features that stages may ask for.</summary>
    public ImmutableArray<string> Features { get; init; } = [];

    /// <summary>Names of data that lie on it, for stages that read them.</summary>
    public ImmutableArray<string> Holds { get; init; } = [];

    /// <summary>Where it stands, as "level=name" from the widest to the narrowest ("room=a", "rack=r7").</summary>
    public ImmutableArray<string> Topology { get; init; } = [];

    /// <summary>The name by which other nodes reach this one; null: the machine's name.</summary>
    public string? HostName { get; init; }

    /// <summary>The end of the allocation that the node belongs to; null: none is known.</summary>
    public DateTimeOffset? AllocationEnd { get; init; }

    /// <summary>
    /// Whether the agent is wanted no longer, asked each <see cref="LookForEnd"/>. It ends when this is so twice running while no program runs here and no report waits; null: never.
    /// </summary>
    public Func<bool>? MayEnd { get; init; }

    /// <summary>Default 2 s.</summary>
    public TimeSpan LookForEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The folder of <c>orchestrator-report</c>, put first on the PATH of every attempt; null: the agent's own.</summary>
    public string? HelperDirectory { get; init; }

    /// <summary>The words of a shell line that start a worker of stages with tasks, to which the attempt's environment tells the rest; null: such stages are refused here.</summary>
    public string? TaskWorker { get; init; }

    /// <summary>How often the files of a running attempt are looked at.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often processor time, memory and traffic of running attempts are measured.</summary>
    public TimeSpan SampleInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The least time between two reports of progress of one attempt; each carries the newest values.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a program that writes and says nothing is reported to live.</summary>
    public TimeSpan GrowthInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the gateway may hold back the answer to the question for leases.</summary>
    public TimeSpan WantedWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause before a call to a gateway that does not answer is tried again.</summary>
    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Restart files with <c>complete_when: stable</c> are whole when they have not changed for so long.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a checkpoint directory that appeared waits for its line in the progress file, which tells its step.</summary>
    public TimeSpan AnnouncementWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A shell line that checks whether this node is fit for work, as <see cref="Machine.HealthCheck"/> does; null: there is none.</summary>
    public string? HealthCheck { get; init; }

    /// <summary>How often it runs. Default 5 min.</summary>
    public TimeSpan HealthCheckEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A check that takes longer is killed, and the node counts as unfit. Default 1 min.</summary>
    public TimeSpan HealthCheckPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A verify command that takes longer is killed, and says nothing of the checkpoint.</summary>
    public TimeSpan VerifyTimeout { get; init; } = TimeSpan.FromHours(1);
}
