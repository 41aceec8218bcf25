using Microsoft.Extensions.Options;

namespace Orchestrator.Grains.Accounts;

/// <summary>Refuses times that make no sense.</summary>
internal sealed class AccountOptionsValidator : IValidateOptions<AccountOptions>
{
    public ValidateOptionsResult Validate(string? name, AccountOptions options)
    {
        List<string> problems = [];
        Check(nameof(options.Gather), options.Gather, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Check(nameof(options.ReminderPeriod), options.ReminderPeriod, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Check(string option, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                problems.Add($"{AccountOptions.Section}:{option} is {value}; {least} to {most} is allowed.");
            }
        }
    }
}
