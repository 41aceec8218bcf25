namespace Orchestrator.Core.Usage;

/// <summary>The name of a record in each dimension.</summary>
public static class UsageNames
{
    public static string Of(UsageRecord record, UsageDimension dimension)
    {
        ArgumentNullException.ThrowIfNull(record);
        return dimension switch
        {
            UsageDimension.Institution => record.Institution,
            UsageDimension.Project => record.Project,
            UsageDimension.User => record.User,
            UsageDimension.Simulation => record.Simulation,
            UsageDimension.Stage => record.Simulation.Length > 0 && record.Stage.Length > 0 ? $"{record.Simulation}/{record.Stage}" : record.Stage,
            UsageDimension.Task => record.Task,
            UsageDimension.Node => record.Node,
            _ => "",
        };
    }
}
