namespace Orchestrator.Core.Scheduling.Order;

/// <summary>What must hold of <see cref="OrderSettings"/>.</summary>
internal static class OrderRules
{
    /// <exception cref="ArgumentException">It does not; the message names the member and what is allowed.</exception>
    public static void Check(OrderSettings settings)
    {
        Require(settings.Policy is >= QueuePolicy.Fifo and <= QueuePolicy.Weighted, "Policy", "fifo, priority, fair, deadline or weighted");
        Require(settings.AgeHalf > TimeSpan.Zero, "AgeHalf", "above 0");
        Require(settings.RaiseAfter is not { } raise || raise > TimeSpan.Zero, "RaiseAfter", "above 0");
        Require(settings.LongestWait is not { } longest || longest > TimeSpan.Zero, "LongestWait", "above 0");
        Require(settings.UsageHalfLife > TimeSpan.Zero, "UsageHalfLife", "above 0");
        Require(settings.DeadlineMargin >= TimeSpan.Zero, "DeadlineMargin", "not negative");
        Require(settings.PromiseRaises is >= 0 and <= 1, "PromiseRaises", "0 to 1");
        Require(settings.PromiseLowers is >= 0 and <= 1, "PromiseLowers", "0 to 1");
        RequireNumber(settings.HeadStart.Small, "HeadStart.Small");
        RequireNumber(settings.HeadStart.SmallInBackfill, "HeadStart.SmallInBackfill");
        RequireNumber(settings.HeadStart.LargeInBackfill, "HeadStart.LargeInBackfill");
        Require(settings.HeadStart.SmallPart is > 0 and <= 1, "HeadStart.SmallPart", "above 0, at most 1");
        var weights = settings.Weights;
        RequireNumber(weights.Class, "Weights.Class");
        RequireNumber(weights.Age, "Weights.Age");
        RequireNumber(weights.FairShare, "Weights.FairShare");
        RequireNumber(weights.Deadline, "Weights.Deadline");
        RequireNumber(weights.Size, "Weights.Size");
        RequireNumber(weights.Promise, "Weights.Promise");
        Require(Sum(weights) > 0, "Weights", "at least one above 0");
    }

    public static double Sum(PriorityWeights weights) => weights.Class + weights.Age + weights.FairShare + weights.Deadline + weights.Size + weights.Promise;

    private static void RequireNumber(double number, string member) => Require(double.IsFinite(number) && number >= 0, member, "a number, not negative");

    private static void Require(bool holds, string member, string allowed)
    {
        if (!holds)
        {
            throw new ArgumentException($"OrderSettings.{member} is out of range; allowed: {allowed}.", member);
        }
    }
}
