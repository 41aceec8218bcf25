using Microsoft.Extensions.Options;

namespace Orchestrator.Grains.Nodes;

/// <summary>Refuses times by which every node would be lost.</summary>
internal sealed class NodeOptionsValidator : IValidateOptions<NodeOptions>
{
    public ValidateOptionsResult Validate(string? name, NodeOptions options)
    {
        if (options.HeartbeatInterval < TimeSpan.FromMilliseconds(50) || options.HeartbeatInterval > TimeSpan.FromMinutes(10))
        {
            return ValidateOptionsResult.Fail($"{NodeOptions.Section}:{nameof(options.HeartbeatInterval)} is {options.HeartbeatInterval}; 50 ms to 10 minutes are allowed.");
        }

        if (options.Suspicion is not (>= 1 and <= 300))
        {
            return ValidateOptionsResult.Fail(FormattableString.Invariant($"{NodeOptions.Section}:{nameof(options.Suspicion)} is {options.Suspicion}; 1 to 300 are allowed."));
        }

        return options.DetectionWindow < 2 * options.HeartbeatInterval || options.DetectionWindow > TimeSpan.FromHours(1)
            ? ValidateOptionsResult.Fail(
                $"{NodeOptions.Section}:{nameof(options.DetectionWindow)} is {options.DetectionWindow}; two heartbeat intervals ({2 * options.HeartbeatInterval}) to 1 hour are allowed.")
            : ValidateOptionsResult.Success;
    }
}
