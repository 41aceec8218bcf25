using System.Reflection;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Silo;

/// <summary>Who runs this silo, and since when.</summary>
internal sealed class SiloIdentity(TimeProvider clock)
{
    public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();

    public string Version { get; } = (typeof(SiloIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "").Split('+')[0];

    /// <summary>The user of the operating system whose silo it is, and who alone can connect to its socket: administrator of everything.</summary>
    public Principal Owner { get; } = new() { User = Environment.UserName, Role = Role.Administrator };
}

/// <summary>The path of the Unix socket.</summary>
internal sealed record GatewaySocket(string Path);
