using Orchestrator.Core.Ids;

namespace Orchestrator.Silo;

/// <summary>What the deployment is called.</summary>
public sealed class DeploymentOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Orchestrator:Deployment";

    /// <summary>The cluster that campaigns are submitted to: the letter k, a dash and a name. Default <c>k-main</c>.</summary>
    public string Cluster { get; set; } = "k-main";

    /// <summary>Simulations of the cluster that may wait or run at once; what is submitted beyond is refused. Default: any number.</summary>
    public int? LiveSimulationsMax { get; set; }

    /// <summary>The same of one user. Default: any number.</summary>
    public int? LiveSimulationsOfUserMax { get; set; }

    internal ClusterId ClusterId => new(Cluster);

    internal IEnumerable<string> Problems()
    {
        if (!ClusterId.TryParse(Cluster, out _))
        {
            yield return $"{Section}:{nameof(Cluster)} is \"{Cluster}\"; \"k-\" and a name of letters, digits, '.', '_' and '-' are allowed.";
        }

        foreach (var (name, value) in new[] { (nameof(LiveSimulationsMax), LiveSimulationsMax), (nameof(LiveSimulationsOfUserMax), LiveSimulationsOfUserMax) })
        {
            if (value < 1)
            {
                yield return $"{Section}:{name} is {value}; 1 and more are allowed.";
            }
        }
    }
}
