namespace Orchestrator.Grains.Access;

/// <summary>Who may call grains from outside.</summary>
public sealed class AccessOptions
{
    /// <summary>The configuration section: <c>Orchestrator:Access</c>.</summary>
    public const string Section = "Orchestrator:Access";

    /// <summary>Clients outside the silo show a token at each call. Default true; false is for tests: then every client is the system itself.</summary>
    public bool RequireToken { get; set; } = true;

    /// <summary>How long a token that was looked up is believed without another look; a revoked one still works so long. Default 5 s; zero looks every time.</summary>
    public TimeSpan TokenCache { get; set; } = TimeSpan.FromSeconds(5);
}
