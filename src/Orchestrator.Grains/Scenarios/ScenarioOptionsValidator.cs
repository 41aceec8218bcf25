using Microsoft.Extensions.Options;

namespace Orchestrator.Grains.Scenarios;

/// <summary>Refuses times that make no sense.</summary>
internal sealed class ScenarioOptionsValidator : IValidateOptions<ScenarioOptions>
{
    public ValidateOptionsResult Validate(string? name, ScenarioOptions options)
    {
        List<string> problems = [];
        Check(nameof(options.Gather), options.Gather, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Check(nameof(options.EvaluateAfter), options.EvaluateAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(nameof(options.ReminderPeriod), options.ReminderPeriod, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        Check(nameof(options.EvaluatorTimeLimit), options.EvaluatorTimeLimit, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Check(string option, TimeSpan value, TimeSpan least, TimeSpan most)
        {
            if (value < least || value > most)
            {
                problems.Add($"{ScenarioOptions.Section}:{option} is {value}; {least} to {most} is allowed.");
            }
        }
    }
}
