using Microsoft.Extensions.Options;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Grains.Clusters;

/// <summary>Refuses numbers that make no sense.</summary>
internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options) =>
        options.SnapshotAfter is < 1 or > 100_000 ? Fail(nameof(options.SnapshotAfter), options.SnapshotAfter, "1 to 100,000")
        : options.SurveyWidth is < 1 or > 1000 ? Fail(nameof(options.SurveyWidth), options.SurveyWidth, "1 to 1,000")
        : options.ForgetNodesAfter < TimeSpan.FromMinutes(1) ? Fail(nameof(options.ForgetNodesAfter), options.ForgetNodesAfter, "1 minute and more")
        : options.PlanInterval < TimeSpan.Zero || options.PlanInterval > TimeSpan.FromSeconds(5) ? Fail(nameof(options.PlanInterval), options.PlanInterval, "0 to 5 seconds")
        : options.EffectWidth is < 1 or > 10_000 ? Fail(nameof(options.EffectWidth), options.EffectWidth, "1 to 10,000")
        : options.LookAheadTime < TimeSpan.FromMilliseconds(1) || options.LookAheadTime > TimeSpan.FromMinutes(1) ? Fail(nameof(options.LookAheadTime), options.LookAheadTime, "1 millisecond to 1 minute")
        : options.AccountsEvery < TimeSpan.FromSeconds(1) ? Fail(nameof(options.AccountsEvery), options.AccountsEvery, "1 second and more")
        : options.SubmitterPriorityMax is not (>= 0 and <= 1) ? Fail(nameof(options.SubmitterPriorityMax), options.SubmitterPriorityMax, "0 to 1")
        : options.SubmitterClassMax is < PriorityClass.Background or > PriorityClass.Critical ? Fail(nameof(options.SubmitterClassMax), options.SubmitterClassMax, "background to critical")
        : options.SubmitterReservationMax <= TimeSpan.Zero ? Fail(nameof(options.SubmitterReservationMax), options.SubmitterReservationMax, "times above 0")
        : options.SubmitterReservationAhead < TimeSpan.Zero ? Fail(nameof(options.SubmitterReservationAhead), options.SubmitterReservationAhead, "0 and more")
        : options.SubmitterReservationNodes < 1 ? Fail(nameof(options.SubmitterReservationNodes), options.SubmitterReservationNodes, "1 and more")
        : ValidateOptionsResult.Success;

    private static ValidateOptionsResult Fail(string name, object value, string allowed) =>
        ValidateOptionsResult.Fail($"{ClusterOptions.Section}:{name} is {value}; {allowed} are allowed.");
}
