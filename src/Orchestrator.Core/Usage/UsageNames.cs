namespace Orchestrator.Core.Usage;

/// <summary>The name of a record in each dimension.</summary>
public static class UsageNames
{
    /// <summary>Each record with its name; one of several nodes in its parts, where nodes are told apart.</summary>
    public static IEnumerable<(string Name, UsageRecord Record)> Each(IEnumerable<UsageRecord> records, UsageDimension dimension)
    {
        ArgumentNullException.ThrowIfNull(records);
        return records.SelectMany(record => dimension == UsageDimension.Node ? record.ByNode() : [record]).Select(record => (Of(record, dimension), record));
    }

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
