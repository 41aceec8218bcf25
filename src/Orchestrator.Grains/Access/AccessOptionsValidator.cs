using Microsoft.Extensions.Options;

namespace Orchestrator.Grains.Access;

/// <summary>Refuses times that make no sense.</summary>
internal sealed class AccessOptionsValidator : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options) =>
        options.TokenCache < TimeSpan.Zero || options.TokenCache > TimeSpan.FromMinutes(10)
            ? ValidateOptionsResult.Fail($"{AccessOptions.Section}:{nameof(options.TokenCache)} is {options.TokenCache}; 0 to 10 minutes are allowed.")
            : ValidateOptionsResult.Success;
}
