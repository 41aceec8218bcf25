using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Core.Ids;
using Orchestrator.Grains.Clusters;
using Orchestrator.Silo.Hooks;

namespace Orchestrator.Silo.Power;

/// <summary>Switches nodes by the command of the configuration. What failed, or took too long, is tried again by who asked.</summary>
internal sealed class CommandNodeSwitch(PowerOptions options, string dataDirectory, TimeProvider clock) : INodeSwitch
{
    public async Task SwitchAsync(NodeId node, bool on, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.TimeLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var command = new CommandTransport(options.Command!, dataDirectory, new Dictionary<string, string> { ["ORCHESTRATOR_NODE"] = node.Value, ["ORCHESTRATOR_POWER"] = on ? "on" : "off" });
        try
        {
            await command.AskAsync("", either.Token);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HookFailedException($"the command that switches {node} took longer than {options.TimeLimit}", error);
        }
    }
}

internal static class PowerExtensions
{
    /// <summary>The switch of the configuration, if it has one.</summary>
    public static void AddNodeSwitch(this IServiceCollection services, PowerOptions options, string dataDirectory)
    {
        if (!string.IsNullOrWhiteSpace(options.Command))
        {
            services.AddSingleton<INodeSwitch>(provider => new CommandNodeSwitch(options, dataDirectory, provider.GetRequiredService<TimeProvider>()));
        }
    }
}
