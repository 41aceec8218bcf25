using Orchestrator.Core.Ids;

namespace Orchestrator.Silo;

/// <summary>What the deployment is called.</summary>
public sealed class DeploymentOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Orchestrator:Deployment";

    /// <summary>The cluster that campaigns are submitted to: the letter k, a dash and a name. Default <c>k-main</c>.</summary>
    public string Cluster { get; set; } = "k-main";

    internal ClusterId ClusterId => new(Cluster);

    internal IEnumerable<string> Problems()
    {
        if (!ClusterId.TryParse(Cluster, out _))
        {
            yield return $"{Section}:{nameof(Cluster)} is \"{Cluster}\"; \"k-\" and a name of letters, digits, '.', '_' and '-' are allowed.";
        }
    }
}
